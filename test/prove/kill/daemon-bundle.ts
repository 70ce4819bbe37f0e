import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, stop } from 'esbuild';

/** Each process has one of its own; in `build`, because the daemon finds package.json two folders above itself. */
const FOLDER = path.join('build', `bundle-${process.pid}`);
const PROGRAM = 'dist/main.js';
/** Reads its protocol files from beside its own code. */
const LEFT_OUT = ['etcd3'];
/** What modules of the newer kind know of themselves. */
const HERE = `const __here = require('node:url').pathToFileURL(__filename).href;`;
const IMPORT = /^import (?:(\{.*\}) from )?('.*');$/;

let made: Promise<string> | undefined;

/**
 * The built daemon, its modules and packages in one file that is kept compiled: it does what `dist/main.js` does, but
 * starts with 0.5 s of CPU in place of 1.6 s, and a kill test mostly starts daemons. For tests alone: an image keeps its
 * packages apart, where scanners see them.
 */
export const daemonBundle = (): Promise<string> => (made ??= bundle());

async function bundle(): Promise<string> {
  process.once('exit', () => rmSync(FOLDER, { recursive: true, force: true }));
  mkdirSync(FOLDER, { recursive: true });
  const { imports, names, rest } = takenApart(readFileSync(PROGRAM, 'utf8'));
  const parts = path.resolve(FOLDER, 'parts.cjs');
  await build({
    stdin: { contents: imports.join('\n'), resolveDir: path.dirname(PROGRAM) },
    outfile: parts,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    minify: true,
    keepNames: true,
    legalComments: 'none',
    charset: 'ascii',
    external: LEFT_OUT,
    define: { 'import.meta.url': '__here' },
    banner: { js: HERE },
    logLevel: 'error',
  });
  // Its helper process would stay, with all it has read.
  await stop();
  const loader = pathToFileURL(path.resolve('build/test/prove/kill/load-bundle.js')).href;
  const load = `import { loadBundle } from ${JSON.stringify(loader)};`;
  const taken = `const { ${names.join(', ')} } = loadBundle(${JSON.stringify(parts)});`;
  writeFileSync(path.join(FOLDER, 'main.js'), [load, taken, rest].join('\n'));
  return path.join(FOLDER, 'main.js');
}

/** The program without its imports, which export what they bring. */
function takenApart(program: string): {
  readonly imports: readonly string[];
  readonly names: readonly string[];
  readonly rest: string;
} {
  const lines = program.split('\n').filter((line) => !line.startsWith('#!'));
  const imported = lines.flatMap((line) => {
    const match = IMPORT.exec(line);
    return match === null ? [] : [{ names: match[1] ?? '', from: match[2] ?? '' }];
  });
  const rest = lines.filter((line) => !IMPORT.test(line)).join('\n');
  if (/^import\b/m.test(rest)) throw new Error(`${PROGRAM} imports in a way that cannot be bundled:\n${rest}`);
  return {
    imports: imported.map(({ names, from }) => (names === '' ? `import ${from};` : `export ${names} from ${from};`)),
    names: imported.flatMap(({ names }) =>
      names
        .replaceAll(/[{}\s]/g, '')
        .split(',')
        .filter(Boolean),
    ),
    rest,
  };
}
