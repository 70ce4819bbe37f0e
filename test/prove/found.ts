import type { FaultPlan } from './fault-plan.js';

const PLAIN = {
  counted: 'calls',
  events: 'all',
  environment: 'staging',
  requiredCheck: false,
  proven: true,
  long: false,
} as const;

/** Schedules that found a defect of the operator, shrunk. It is mended; each is played in every test run. */
export const FOUND: readonly { readonly found: string; readonly plan: FaultPlan }[] = [
  {
    found: 'a pull request that was asked for under a plan that then broke stayed open, and no attempt knew it',
    plan: {
      ...PLAIN,
      faults: [
        [8, 'refused'],
        [33, 'audit-away'],
        [25, 'refused'],
        [7, 'stale'],
        [1, 'push-base'],
        [17, 'refused'],
      ],
    },
  },
  {
    found:
      'an opening whose answer was lost, of an application that was healthy again at once, left an attempt to nobody',
    plan: {
      ...PLAIN,
      requiredCheck: true,
      faults: [
        [15, 'lost'],
        [1, 'healthy'],
      ],
    },
  },
];
