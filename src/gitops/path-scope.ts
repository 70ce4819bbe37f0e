import { OperatorError } from '../base/errors.js';

/** `*` any run of characters, `?` one character, within one segment of a path. Linear in time for any pattern. */
export function matchesSegment(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let starAt = -1;
  let resumeAt = 0;
  while (t < text.length) {
    const wanted = pattern[p];
    if (wanted === '*') {
      starAt = p;
      resumeAt = t;
      p += 1;
    } else if (wanted !== undefined && (wanted === '?' || wanted === text[t])) {
      p += 1;
      t += 1;
    } else if (starAt >= 0) {
      // The last star takes one character more.
      resumeAt += 1;
      p = starAt + 1;
      t = resumeAt;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}

/** A pattern of `environments.<name>.paths`, ready to match. */
export interface PathGlob {
  readonly source: string;
  readonly segments: readonly string[];
}

const fault = (glob: string, why: string): OperatorError =>
  new OperatorError('PATH_GLOB_INVALID', 'config', `path pattern ${JSON.stringify(glob)} ${why}`);

/**
 * Compiles one pattern: `*` and `?` within a segment, `**` as a whole segment for any number of them,
 * a slash at the end for everything below. Matching knows upper and lower case, and is about files, from the root.
 * @throws OperatorError PATH_GLOB_INVALID (config) for anything else, so that no pattern means more than it says.
 */
export function compilePathGlob(glob: string): PathGlob {
  if (glob === '' || glob.trim() !== glob) throw fault(glob, 'must not be empty or padded with blanks');
  if (glob.startsWith('/')) throw fault(glob, 'must not start with a slash: paths count from the repository root');
  if (/[[\]{}!\\]/.test(glob)) throw fault(glob, 'may use only *, ? and **: no brackets, braces, ! or backslash');
  const segments = (glob.endsWith('/') ? `${glob}**` : glob).split('/');
  for (const segment of segments) {
    if (['', '.', '..'].includes(segment)) throw fault(glob, 'must not hold empty, . or .. segments');
    if (segment.includes('**') && segment !== '**') throw fault(glob, 'must write ** as a whole segment: apps/**/x');
  }
  return { source: glob, segments };
}

/** The whole path matches the whole pattern; `**` at the end asks for at least one segment. */
export function matchesGlob(glob: PathGlob, path: string): boolean {
  const parts = path.split('/');
  const { segments } = glob;
  // reachable[i]: the first i segments of the pattern can stand for the parts read so far.
  let reachable = Array.from({ length: segments.length + 1 }, (_, i) => i === 0);
  const skipStars = (row: boolean[]): void => {
    for (let i = 0; i < segments.length - 1; i++) if (row[i] && segments[i] === '**') row[i + 1] = true;
  };
  skipStars(reachable);
  for (const part of parts) {
    const next = Array.from({ length: segments.length + 1 }, () => false);
    for (const [i, segment] of segments.entries()) {
      if (!reachable[i]) continue;
      if (segment === '**') {
        next[i] = true;
        next[i + 1] = true;
      } else if (matchesSegment(segment, part)) {
        next[i + 1] = true;
      }
    }
    skipStars(next);
    reachable = next;
  }
  return reachable[segments.length] === true;
}

/**
 * Does every path lie under one of the patterns (I1: the diff stays in what configuration gives to staging alone)?
 * No paths, or no patterns, is a no: empty is not "all".
 */
export const everyPathUnder = (paths: readonly string[], globs: readonly PathGlob[]): boolean =>
  paths.length > 0 && paths.every((path) => globs.some((glob) => matchesGlob(glob, path)));
