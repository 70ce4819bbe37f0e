import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import path from 'node:path';
import { Script } from 'node:vm';

/**
 * Runs a bundle of the older kind of module and answers what it exports. The first process that ends by itself leaves
 * beside the bundle what V8 has compiled of it; the later ones start from that.
 */
export function loadBundle(file: string): unknown {
  const compiled = `${file}.compiled`;
  const cachedData = readIfThere(compiled);
  const script = new Script(Module.wrap(readFileSync(file, 'latin1')), {
    filename: file,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  const made = { exports: {} };
  script.runInThisContext()(made.exports, createRequire(file), made, file, path.dirname(file));
  if (cachedData === undefined)
    process.once('exit', () => {
      const draft = `${compiled}.${process.pid}`;
      writeFileSync(draft, script.createCachedData());
      renameSync(draft, compiled);
    });
  return made.exports;
}
function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
