import fc from 'fast-check';

/** What can go wrong at one call of a port. The first group is machines, the second people. */
export const MACHINE_FAULTS = [
  'refused',
  'limited',
  'lost',
  'crash-before',
  'crash-after',
  'stall',
  'take-over',
  'stale',
  'store-away',
  'audit-away',
  'clock-forward',
  'clock-back',
] as const;
export const PEOPLE_FAULTS = [
  'abort',
  'close',
  'merge',
  'push-base',
  'push-elsewhere',
  'push-branch',
  'kill-switch',
  'pause',
  'healthy',
  'unknown',
  'ci-red',
  'ci-pending',
  'ci-none',
  'ci-green',
  'not-synced',
] as const;
export type Fault = (typeof MACHINE_FAULTS)[number] | (typeof PEOPLE_FAULTS)[number];

export const DELIVERIES = ['all', 'none', 'scrambled'] as const;
/** One schedule: each fault so many calls after the one before it, and what kind of world it strikes. */
export interface FaultPlan {
  readonly faults: readonly (readonly [gap: number, fault: Fault])[];
  /** Which calls the gaps count: all of them, or (a tenth as far) those that write something down or change GitHub. */
  readonly counted: 'calls' | 'writes';
  readonly events: (typeof DELIVERIES)[number];
  readonly environment: 'staging' | 'production';
  /** False = the repository names no required check: whatever runs on the head counts. */
  readonly requiredCheck: boolean;
  /** False = no version was ever healthy: there is nothing to go back to. */
  readonly proven: boolean;
  /** True = goes on after the end, into the automatic retry. */
  readonly long: boolean;
}

// Without size 'max' the arrays stay about ten long, and rare meetings of two faults are never tried.
const faults = (of: readonly Fault[], gap: number): fc.Arbitrary<FaultPlan['faults']> =>
  fc.array(fc.tuple(fc.integer({ min: 1, max: gap }), fc.constantFrom(...of)), {
    minLength: 1,
    maxLength: 24,
    size: 'max',
  });
export const faultPlans: fc.Arbitrary<FaultPlan> = fc.record({
  faults: fc.oneof(
    { weight: 3, arbitrary: faults(MACHINE_FAULTS, 38) },
    { weight: 1, arbitrary: faults([...MACHINE_FAULTS, ...PEOPLE_FAULTS], 38) },
    // Two or three people at a time, anywhere on the way.
    {
      weight: 2,
      arbitrary: fc.array(
        fc.tuple(
          fc.integer({ min: 1, max: 240 }),
          fc.constantFrom(...MACHINE_FAULTS, ...PEOPLE_FAULTS, ...PEOPLE_FAULTS),
        ),
        { minLength: 1, maxLength: 4, size: 'max' },
      ),
    },
  ),
  counted: fc.oneof(
    { weight: 4, arbitrary: fc.constant('calls' as const) },
    { weight: 1, arbitrary: fc.constant('writes' as const) },
  ),
  events: fc.constantFrom(...DELIVERIES),
  environment: fc.oneof(
    { weight: 19, arbitrary: fc.constant('staging' as const) },
    { weight: 1, arbitrary: fc.constant('production' as const) },
  ),
  requiredCheck: fc.boolean(),
  proven: fc.oneof({ weight: 99, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  long: fc.oneof({ weight: 15, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
});
