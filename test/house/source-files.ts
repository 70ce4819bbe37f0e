import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** A file of the project; `path` starts at its root, with slashes. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Every file below some folders (or the files themselves) of the project whose name ends in one of `endings`. */
export function filesUnder(roots: readonly string[], endings: readonly string[]): readonly SourceFile[] {
  return roots.flatMap((root) => {
    if (statSync(root).isFile()) return [read(root)];
    return readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
      .map((entry) => read(path.join(entry.parentPath, entry.name)));
  });
}
const read = (file: string): SourceFile => ({ path: file.split(path.sep).join('/'), text: readFileSync(file, 'utf8') });

/** `src/a.ts:12` of every line that a rule objects to. */
export function linesWhere(
  { path: file, text }: SourceFile,
  objects: (line: string, lines: readonly string[], index: number) => boolean,
): readonly string[] {
  const lines = text.split('\n');
  return lines.flatMap((line, index) =>
    objects(line, lines, index) ? [`${file}:${index + 1}  ${line.trim().slice(0, 100)}`] : [],
  );
}
