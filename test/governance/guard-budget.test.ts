import { attemptId, POLICY } from '../support/attempt-parts.js';
import { NOW, type CaseOverrides } from '../support/merge-evidence.js';
import { quarantineOf, spendOf } from '../support/observations.js';
import { judges } from '../support/verdict-of.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const own = { attempt: attemptId(2) };
const foreign = { attempt: attemptId(3), application: 'argocd/cart' } as const;
const spends = (...list: Parameters<typeof spendOf>[0][]): CaseOverrides => ({
  evidence: { spends: list.map((s) => spendOf(s)) },
});
const marks = (...list: ReturnType<typeof quarantineOf>[]): CaseOverrides => ({ evidence: { marks: list } });
const unread = 'the record k cannot be read: delete it';
const noneAllowed: CaseOverrides = {
  attempt: { policy: { ...POLICY, guards: { ...POLICY.guards, fleet: { count: 0, windowMs: HOUR } } } },
};

describe('the budget of automatic rollbacks', () => {
  judges('G5_budget', [
    ['when nothing was merged lately', 'pass', {}],
    ['on the second rollback of an application within 30 min', 'fail', spends({ ...own, at: NOW - 30 * MINUTE + 1 })],
    ['30 min after the last one', 'pass', spends({ ...own, at: NOW - 30 * MINUTE })],
    [
      'on the third rollback of an application within 24 h',
      'fail',
      spends({ ...own, at: NOW - 5 * HOUR }, { attempt: attemptId(4), at: NOW - 20 * HOUR }),
    ],
    [
      '24 h after the last but one',
      'pass',
      spends({ ...own, at: NOW - 5 * HOUR }, { attempt: attemptId(4), at: NOW - 24 * HOUR }),
    ],
    [
      'when four others were rolled back within the hour',
      'pass',
      spends(...[1, 2, 3, 4].map((n) => ({ ...foreign, attempt: attemptId(10 + n), at: NOW - n * MINUTE }))),
    ],
    [
      'when five others were rolled back within the hour',
      'fail',
      spends(...[1, 2, 3, 4, 5].map((n) => ({ ...foreign, attempt: attemptId(10 + n), at: NOW - n * MINUTE }))),
    ],
    [
      'when only pull requests were opened',
      'pass',
      spends({ ...own, kind: 'pull-request', at: NOW - 1 }, { ...own, kind: 'failed-rollback', at: NOW - 1 }),
    ],
    ['when the only merge within the time is its own', 'pass', spends({ attempt: attemptId(), at: NOW - 1 })],
    ['when an allowance of none is configured', 'fail', noneAllowed],
    ['when this bad content was rolled back before', 'fail', marks(quarantineOf(own))],
    [
      'when the bad revision was rolled back before and its content never became known',
      'fail',
      marks(
        ((): ReturnType<typeof quarantineOf> => {
          const { content: _content, ...rest } = quarantineOf(own);
          return rest;
        })(),
      ),
    ],
    [
      'when other content of the application was rolled back before',
      'pass',
      marks(quarantineOf({ ...own, content: 'content-other', revisions: ['c'.repeat(40)] })),
    ],
    ['when the only quarantine of this content is its own', 'pass', marks(quarantineOf())],
    [
      'when a mark of the application cannot be read',
      'unknown',
      { evidence: { marks: [{ kind: 'unreadable', application: 'argocd/shop', why: unread }] } },
    ],
    [
      'when the spend of a merge cannot be read, whose ever it was and whatever is allowed',
      'unknown',
      {
        ...noneAllowed,
        evidence: { spends: [{ kind: 'merge', attempt: attemptId(9), unreadable: unread }] },
      },
    ],
    [
      'when only the spend of a pull request cannot be read',
      'pass',
      { evidence: { spends: [{ kind: 'pull-request', attempt: attemptId(9), unreadable: unread }] } },
    ],
  ]);
});
