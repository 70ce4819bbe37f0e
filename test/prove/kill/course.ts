/** What a run went through; the judge reads it. */
export interface Course {
  /** `<place>@<where>`: places of the code at which a daemon died or stood still. */
  readonly reached: string[];
  /** Injuries that were inflicted. */
  injected: number;
  /** When the last injury was over. */
  lastInjuryAt: number;
  /** When the expected end had been so for its hold. */
  metAt: number;
  /** From each SIGTERM to the end of the process, in milliseconds. */
  readonly graceful: number[];
  /** What was wrong on the way. */
  readonly faults: string[];
}
export const newCourse = (): Course => ({
  reached: [],
  injected: 0,
  lastInjuryAt: Date.now(),
  metAt: 0,
  graceful: [],
  faults: [],
});
