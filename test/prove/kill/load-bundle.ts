import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import path from 'node:path';
import { Script } from 'node:vm';

/** By then a daemon has used most of what it ever uses. */
const COMPILED_AFTER_MS = 5_000;

/**
 * Runs a bundle of the older kind of module and answers what it exports. The first process that lives long enough leaves
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
  if (cachedData === undefined) setTimeout(() => keepCompiled(script, compiled), COMPILED_AFTER_MS).unref();
  return made.exports;
}
function keepCompiled(script: Script, file: string): void {
  if (existsSync(file)) return;
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, script.createCachedData());
  renameSync(draft, file);
}
function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
