/** The one of `known` that `given` most probably was meant to be: at most 2 letters (a third of a short word) apart; else undefined. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  const allowed = Math.min(2, Math.ceil(given.length / 3));
  const [best] = known
    .map((word) => ({ word, distance: editDistance(given, word) }))
    .filter((k) => k.distance <= allowed)
    .toSorted((a, b) => a.distance - b.distance);
  return best?.word;
}

/** Levenshtein: letters put in, left out or exchanged. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
