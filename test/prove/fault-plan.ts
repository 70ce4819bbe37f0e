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
  readonly events: (typeof DELIVERIES)[number];
  readonly environment: 'staging' | 'production';
  /** False = the repository names no required check: whatever runs on the head counts. */
  readonly requiredCheck: boolean;
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
    { weight: 3, arbitrary: faults(MACHINE_FAULTS, 60) },
    { weight: 1, arbitrary: faults([...MACHINE_FAULTS, ...PEOPLE_FAULTS], 60) },
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
  events: fc.constantFrom(...DELIVERIES),
  environment: fc.oneof(
    { weight: 19, arbitrary: fc.constant('staging' as const) },
    { weight: 1, arbitrary: fc.constant('production' as const) },
  ),
  requiredCheck: fc.boolean(),
  long: fc.oneof({ weight: 15, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
});
