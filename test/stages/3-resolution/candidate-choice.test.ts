import { expect } from 'chai';
import fc from 'fast-check';
import type { CandidateCi, CandidateRow, UptimeEvidence } from '../../../src/model/candidate.js';
import {
  chooseCandidate,
  judgeContent,
  type SurveyedContent,
} from '../../../src/stages/3-resolution/candidate-choice.js';
import { POLICY, T0 } from '../../support/attempt-parts.js';

const HOUR = 3_600_000;
const measured = (ratio: number, hours: number): UptimeEvidence => ({
  kind: 'measured',
  ratio,
  observedMs: hours * HOUR,
  coverage: 1,
});
const NO_METRICS: UptimeEvidence = { kind: 'unavailable', why: 'Prometheus is down' };
const content = (name: string, overrides: Partial<SurveyedContent> = {}): SurveyedContent => ({
  content: name,
  revision: name,
  deployedAt: T0,
  stoppedAt: T0 + HOUR,
  uptime: measured(1, 24),
  ci: 'success',
  ...overrides,
});
const STABLE = (name: string): SurveyedContent => content(name);
const YOUNG = (name: string): SurveyedContent => content(name, { uptime: measured(1, 2) });
const BY_CI = (name: string): SurveyedContent => content(name, { uptime: NO_METRICS });
const UNFIT = (name: string): SurveyedContent => content(name, { uptime: measured(0.5, 24) });
const policy = POLICY.candidates;
const judged = (uptime: UptimeEvidence, ci: CandidateCi = 'success', p = policy): CandidateRow['verdict'] =>
  judgeContent(content('a', { uptime, ci }), p);
const eligible = (basis: 'uptime' | 'insufficient-soak' | 'ci'): CandidateRow['verdict'] => ({
  kind: 'eligible',
  basis,
});
const rejected = (
  because: Extract<CandidateRow['verdict'], { kind: 'rejected' }>['because'],
  detail: string,
): CandidateRow['verdict'] => ({ kind: 'rejected', because, detail });

describe('a version that ran here', () => {
  const rows: readonly (readonly [string, CandidateRow['verdict'], CandidateRow['verdict']])[] = [
    ['is stable with 99 % over 24 h', judged(measured(0.99, 24)), eligible('uptime')],
    ['is unfit below 99 %', judged(measured(0.9899, 24)), rejected('uptime-too-low', '98.99 % uptime')],
    [
      'is unfit when its uptime is no number',
      judged(measured(Number.NaN, 24)),
      rejected('uptime-too-low', 'NaN % uptime'),
    ],
    [
      'is unfit when it never was Healthy, whatever its CI says',
      judged(measured(0, 24)),
      rejected('never-healthy', 'it was never Healthy here'),
    ],
    [
      'may be proposed when it was observed for less than 24 h',
      judged(measured(1, 23.9)),
      eligible('insufficient-soak'),
    ],
    ['may be proposed when it was observed for minSoak', judged(measured(1, 1)), eligible('insufficient-soak')],
    [
      'is unfit when it was observed for less than minSoak',
      judged(measured(1, 0.99)),
      rejected('observed-too-short', 'observed for 59 min'),
    ],
    [
      'is stable after minObservation, where that is lowered',
      judged(measured(1, 2), 'success', { ...policy, minObservationMs: 2 * HOUR }),
      eligible('uptime'),
    ],
    [
      'is unfit when its checks failed, however stable it was',
      judged(measured(1, 24), 'failed'),
      rejected('ci-failed', 'a check failed on its commit'),
    ],
    ['may be proposed by its uptime when there are no checks', judged(measured(1, 24), 'none'), eligible('uptime')],
    [
      'may be proposed by its uptime when its checks cannot be read',
      judged(measured(1, 24), 'unknown'),
      eligible('uptime'),
    ],
    ['may be proposed by CI when metrics are unavailable', judged(NO_METRICS), eligible('ci')],
    ...(['none', 'pending', 'unknown'] as const).map(
      (ci) =>
        [
          `is unfit without metrics when its CI is ${ci}`,
          judged(NO_METRICS, ci),
          rejected('no-ci-no-metrics', `Prometheus is down; CI: ${ci}`),
        ] as const,
    ),
    [
      'is unfit without metrics when its checks failed',
      judged(NO_METRICS, 'failed'),
      rejected('ci-failed', 'a check failed on its commit'),
    ],
    [
      'stays excluded whatever its evidence',
      judgeContent(content('a', { excluded: { because: 'quarantined', detail: 'it was rolled back before' } }), policy),
      rejected('quarantined', 'it was rolled back before'),
    ],
  ];
  for (const [claim, verdict, expected] of rows) {
    it(claim, () => {
      expect(verdict).to.deep.equal(expected);
    });
  }
});

describe('the choice of a candidate', () => {
  const choose = (
    ...contents: SurveyedContent[]
  ): readonly [string | undefined, string | undefined, number | undefined] => {
    const { chosen } = chooseCandidate(contents, policy);
    return [chosen?.content, chosen?.basis, chosen?.passedOver];
  };
  it('takes the newest stable version', () => {
    expect(choose(STABLE('new'), STABLE('old'))).to.deep.equal(['new', 'uptime', 0]);
  });
  it('passes over newer versions that are not fully stable, and counts them', () => {
    expect(choose(YOUNG('1'), BY_CI('2'), UNFIT('3'), STABLE('4'), STABLE('5'))).to.deep.equal(['4', 'uptime', 3]);
  });
  it('takes the newest of short observation when none is stable', () => {
    expect(choose(BY_CI('1'), YOUNG('2'), YOUNG('3'))).to.deep.equal(['2', 'insufficient-soak', 1]);
  });
  it('takes the newest by CI when no metrics speak for any', () => {
    expect(choose(UNFIT('1'), BY_CI('2'), BY_CI('3'))).to.deep.equal(['2', 'ci', 1]);
  });
  it('takes none when none is fit, and the table says of each why', () => {
    const { chosen, table } = chooseCandidate([UNFIT('1'), content('2', { ci: 'failed' })], policy);
    expect(chosen).to.equal(undefined);
    expect(table.map((r) => [r.content, r.verdict])).to.deep.equal([
      ['1', rejected('uptime-too-low', '50.00 % uptime')],
      ['2', rejected('ci-failed', 'a check failed on its commit')],
    ]);
    expect(chooseCandidate([], policy)).to.deep.equal({ table: [] });
  });
  it('keeps every version in the table, newest first, and marks the one that was chosen', () => {
    const { table } = chooseCandidate([YOUNG('1'), STABLE('2'), STABLE('3')], policy);
    expect(table.map((r) => [r.content, r.verdict.kind])).to.deep.equal([
      ['1', 'eligible'],
      ['2', 'chosen'],
      ['3', 'eligible'],
    ]);
  });
  it('never takes an excluded version, one that failed its checks or one below 99 %, and always the newest of the best kind', () => {
    const make = {
      stable: STABLE,
      young: YOUNG,
      ci: BY_CI,
      unfit: UNFIT,
      failed: (n: string): SurveyedContent => content(n, { ci: 'failed' }),
      excluded: (n: string): SurveyedContent => content(n, { excluded: { because: 'quarantined', detail: '-' } }),
    };
    const kinds = Object.keys(make) as readonly (keyof typeof make)[];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...kinds), { maxLength: 8 }), (list) => {
        const best = (['stable', 'young', 'ci'] as const).find((kind) => list.includes(kind));
        const expected = best === undefined ? -1 : list.indexOf(best);
        const { chosen, table } = chooseCandidate(
          list.map((kind, i) => make[kind](String(i))),
          policy,
        );
        expect(chosen?.content).to.equal(expected < 0 ? undefined : String(expected));
        expect(table.filter((r) => r.verdict.kind === 'chosen').length).to.equal(expected < 0 ? 0 : 1);
      }),
    );
  });
});
