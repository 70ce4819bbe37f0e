/** One bug on purpose: `from` becomes `to` in a compiled file (below the folder of `src`), in memory only. */
export interface PlantedBug {
  readonly name: string;
  readonly meaning: string;
  readonly changes: readonly { readonly file: string; readonly from: string; readonly to: string }[];
  /** Asked when the schedules do not see it: below the folder of `test`. */
  readonly tests: readonly string[];
}
/** A bug of one change. */
export const bug = (
  name: string,
  meaning: string,
  file: string,
  from: string,
  to: string,
  ...tests: readonly string[]
): PlantedBug => ({ name, meaning, changes: [{ file, from, to }], tests });
