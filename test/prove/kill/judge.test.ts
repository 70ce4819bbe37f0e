import { readFile, writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { AuditEntry } from '../../../src/ports/audit-log.js';
import { evaluation, SECOND, SHOP, T0 } from '../../support/attempt-parts.js';
import { attemptIn } from '../../support/attempts.js';
import { AuditWorld } from '../../support/audit.js';
import { evidenceFrom, goodTraces, outcomeOf, type Traces } from './forged-evidence.js';
import { judgeEvidence } from './judge.js';

const production = goodTraces('production-merge-after-approval');
const staging = goodTraces('bad-deploy');
const [first = attemptIn('DegradationDetected')] = staging.versions;
const rulesOf = ({ invariants, guards }: ReturnType<typeof evaluation>): AuditEntry['rules'] => [
  ...invariants,
  ...guards,
];
const course = (of: Traces, over: Partial<Traces['course']>): Traces => ({ ...of, course: { ...of.course, ...over } });
const openedLate = ({ versions }: Traces, ms: number): Traces['versions'] =>
  versions.map((a) => ({ ...a, onset: a.openedAt - ms }));
/** The decision to merge, as the audit log holds it, with other rules than etcd does. */
const mergeDecided = (of: Traces, rules: AuditEntry['rules']): Traces => ({
  ...of,
  decided: of.decided.map((d) => (d.text.includes('/intent-merge: ') && rules !== undefined ? { ...d, rules } : d)),
});
const waited = (of: Traces, rules: AuditEntry['rules']): AuditEntry => {
  const deciding = of.decided.find((d) => d.text.includes('-> AwaitingMergeApproval/intent-merge: '));
  if (deciding === undefined || rules === undefined) throw new Error('there is a decision');
  return { ...deciding, text: 'AwaitingMergeApproval/deciding -> AwaitingMergeApproval/waiting-for-human: so', rules };
};
const announced: AuditEntry = { ...outcomeOf(first, 'close', 'about to: close pull request #7'), kind: 'decision' };
const asked = (method: string, end: string): Traces['requests'][number] => {
  const found = staging.requests.find((r) => r.method === method && r.path.endsWith(end));
  if (found === undefined) throw new Error(`${method} ${end} was never asked`);
  return found;
};
const many = { method: 'PATCH', path: '/repos/acme/gitops/pulls/7', at: T0 + 50 * SECOND, body: { body: '' } };

/** One thing is broken, and what must be said of it: that, and nothing else. */
const BROKEN: readonly (readonly [what: string, traces: Traces, complaint: string])[] = [
  [
    'a merge onto another base than the one that was judged',
    { ...staging, parents: ['0'.repeat(40), production.parents[1] ?? ''] },
    'S1: merged onto another base than the one judged; S1: the audit log names another base',
  ],
  [
    'a second pull request',
    { ...staging, requests: [...staging.requests, { ...asked('POST', '/pulls'), at: T0 + 41 * SECOND }] },
    'S2/S22: 2 opened pull requests, not 1',
  ],
  [
    'a second merge',
    { ...staging, requests: [...staging.requests, asked('PUT', '/merge')] },
    'S3/S22: 2 merges, not 1',
  ],
  [
    'a merge in production before the approval',
    { ...production, approvedAt: T0 + 57 * SECOND },
    'S4: a merge was asked for in production without an approval',
  ],
  [
    'a merge in production that nobody ever approved, though GitHub refused it',
    { ...production, approvedAt: Number.POSITIVE_INFINITY },
    'S4: a merge was asked for in production without an approval',
  ],
  [
    'an announced closing without an outcome',
    { ...staging, more: [...staging.more, announced] },
    'S6: the announced close has no outcome',
  ],
  [
    'a closing that is said not to be done, and is',
    {
      ...staging,
      more: [...staging.more, announced, outcomeOf(first, 'close', 'not seen (504): close pull request #7')],
    },
    'S6: the pull request is closed and the outcome of its close says: not seen (504): close pull request #7',
  ],
  [
    'a merge without an outcome',
    { ...staging, more: staging.more.slice(0, 1) },
    'S6: the intent to merge has no outcome',
  ],
  [
    'a pull request that is opened after the end',
    {
      ...staging,
      requests: staging.requests.map((r) => (r.path.endsWith('/pulls') ? { ...r, at: T0 + 151 * SECOND } : r)),
    },
    'S7: POST /repos/acme/gitops/pulls while no attempt was open',
  ],
  [
    'a version that was left out',
    { ...staging, versions: staging.versions.map((a) => (a.version === 10 ? { ...a, version: 11 } : a)) },
    'S8: version 9 became 11',
  ],
  [
    'an attempt that never ended',
    { ...staging, versions: staging.versions.slice(0, -1) },
    `S9: the attempt ${first.id} is RollbackMerged in etcd`,
  ],
  [
    'two active attempts',
    {
      ...staging,
      stored: (changes, keys) => [
        ...changes.slice(0, 3),
        { key: keys.active(SHOP), revision: 3, text: 'another' },
        ...changes.slice(3),
      ],
    },
    `S10: another beside ${first.id}`,
  ],
  [
    'a version whose record is not in the audit log',
    {
      ...staging,
      stored: (changes) => changes.map((c) => ({ ...c, text: c.text?.replace('"witness":"9:', '"witness":"99:') })),
    },
    'S11: version 7 is in etcd, and its record is not in the audit log',
  ],
  [
    'a check that is stored when nobody is the writer any more',
    {
      ...staging,
      stored: (changes, keys) => [
        ...changes,
        { key: keys.leader, revision: 20, text: undefined },
        { key: keys.checks(SHOP), revision: 21, text: '[]' },
      ],
    },
    'S11: /ai-operator/v1/forged/checks/argocd%2Fshop was written while nobody was the writer',
  ],
  [
    'money that is spent by whoever could not store what for',
    {
      ...staging,
      stored: (changes, keys) => [
        ...changes,
        { key: keys.spend({ kind: 'merge', attempt: first.id }), revision: 20, text: '{}' },
      ],
    },
    `S11: /ai-operator/v1/forged/spends/merge/${first.id} was written without a version of an attempt`,
  ],
  [
    'a merge that was decided against the rules recorded with it, in staging',
    mergeDecided(staging, rulesOf(evaluation({ I3_replica_shortage: 'unknown' }))),
    'S24: a merge was decided although I3_replica_shortage bar it: AwaitingMergeApproval/deciding -> AwaitingMergeApproval/intent-merge: so',
  ],
  [
    'a merge that was decided against the rules recorded with it, after an approval',
    mergeDecided(production, rulesOf(evaluation({ G7_not_superseded: 'fail' }))),
    'S24: a merge was decided although G7_not_superseded bar it: AwaitingMergeApproval/deciding -> AwaitingMergeApproval/intent-merge: so',
  ],
  [
    'a person who is waited for though every rule passes',
    { ...staging, more: [...staging.more, waited(staging, rulesOf(evaluation()))] },
    'S24: a person is waited for and no rule says so: AwaitingMergeApproval/deciding -> AwaitingMergeApproval/waiting-for-human: so',
  ],
  [
    'an end that came late',
    course(staging, { metAt: staging.course.lastInjuryAt + 72_001 }),
    'L1: the end came 72001 ms after the last injury',
  ],
  ['a slow start', { ...staging, startMs: 5_001 }, 'L2: a start took 5001 ms'],
  [
    'sixty-one calls that change GitHub',
    { ...staging, requests: [...staging.requests, ...Array.from({ length: 58 }, () => many)] },
    'L3: 61 calls that change GitHub',
  ],
  [
    'a degradation that was seen late without NATS',
    { ...staging, versions: openedLate(staging, 2_451) },
    'L4: seen 2451 ms after it degraded, without NATS',
  ],
  ['a slow answer to SIGTERM', course(staging, { graceful: [900, 15_001] }), 'L5: SIGTERM took 15001 ms'],
  [
    'a run in which nothing was injured',
    course({ ...staging, injuries: [{ kind: 'kill', afterMs: 0, downMs: 0 }] }, { injected: 0 }),
    'run: only 0 injuries were inflicted',
  ],
];

describe('the judge of the kill test, on evidence made by hand', () => {
  let audit: AuditWorld;
  beforeEach(async () => {
    audit = await AuditWorld.create();
  });
  afterEach(() => audit.remove());

  for (const [where, traces] of [
    ['staging', staging],
    ['production', production],
  ] as const)
    it(`finds nothing wrong with a good run in ${where}`, async () => {
      expect(await judgeEvidence(await evidenceFrom(traces, audit))).to.deep.equal([]);
    });
  for (const [what, traces, complaint] of BROKEN)
    it(`says ${complaint.split(':')[0]} and nothing else of ${what}`, async () => {
      const said = await judgeEvidence(await evidenceFrom(traces, audit));
      expect(said).to.deep.equal(complaint.split('; '));
    });
  it('allows what the judgements excuse: a late sight with NATS, a person whom a rule calls for, a writer that died at once, what goes from etcd by itself', async () => {
    const excused: Traces = {
      ...staging,
      versions: openedLate(staging, 60_000),
      stored: (changes, keys) => [
        // It took over, and was killed before its first record.
        { key: keys.leader, revision: 0, text: 'kill#silent' },
        ...changes,
        { key: keys.leader, revision: 20, text: undefined },
        // Its time was over.
        { key: keys.spend({ kind: 'merge', attempt: first.id }), revision: 21, text: undefined },
        { key: keys.leader, revision: 22, text: 'kill#second' },
        { key: keys.checks(SHOP), revision: 23, text: '[]' },
      ],
      injuries: [{ kind: 'kill', afterMs: 0, downMs: 0 }],
      more: [...staging.more, waited(staging, rulesOf(evaluation({ I7_no_conflicts: 'fail' })))],
    };
    expect(await judgeEvidence(await evidenceFrom(excused, audit))).to.deep.equal([]);
  });
  it('says S20 and nothing else of a changed letter in the audit log', async () => {
    const evidence = await evidenceFrom(staging, audit);
    const segments = await audit.segments();
    const file = audit.file(segments.find((name) => name.endsWith('.jsonl')) ?? '');
    await writeFile(file, (await readFile(file, 'utf8')).replace('open it', 'open at'));
    const said = await judgeEvidence(evidence);
    expect(said.map((one) => one.split(' ').slice(0, 5).join(' '))).to.deep.equal(['S20: the audit log does']);
  });
});
