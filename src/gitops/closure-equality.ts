import type { TreeEntry } from '../ports/source-control.js';
import type { Closure } from './closure-builder.js';
import { byPath } from './repository-path.js';

/** Same mode and same blob: byte for byte the same file. */
export const sameEntry = (a: TreeEntry | undefined, b: TreeEntry | undefined): boolean =>
  a === undefined || b === undefined ? a === b : a.mode === b.mode && a.oid === b.oid;

/** Paths that are not the same in both, sorted. */
export function differingPaths(
  a: ReadonlyMap<string, TreeEntry>,
  b: ReadonlyMap<string, TreeEntry>,
): readonly string[] {
  const differing = [...a].filter(([path, entry]) => !sameEntry(entry, b.get(path))).map(([path]) => path);
  const added = [...b.keys()].filter((path) => !a.has(path));
  return [...differing, ...added].toSorted(byPath);
}

/** The application renders from the same files at both commits (G7, adoption, the check after a merge). */
export const closuresEqual = (a: Closure, b: Closure): boolean =>
  a.files.size === b.files.size && [...a.files].every(([path, entry]) => sameEntry(entry, b.files.get(path)));
