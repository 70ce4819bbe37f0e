/** The key people probably meant: a slip or two away, not counting case, dashes and underscores; undefined = none is near. */
export function nearestKey(key: string, known: readonly string[]): string | undefined {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[-_]/g, '');
  const distances = known.map((candidate) => {
    // `tokn` means `tokenFile` as well.
    const forms = [candidate, candidate.replace(/File$/, '')];
    return { candidate, distance: Math.min(...forms.map((form) => editDistance(plain(key), plain(form)))) };
  });
  const [best] = distances.toSorted((a, b) => a.distance - b.distance);
  return best !== undefined && best.distance <= Math.min(3, Math.max(1, Math.floor(key.length / 4)))
    ? best.candidate
    : undefined;
}

/** Insertions, deletions, replacements and swapped neighbours that turn `a` into `b`. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (before[j - 2] ?? 0) + 1 : Infinity;
      const replace = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, replace, swap));
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
