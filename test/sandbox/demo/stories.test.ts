import { expect } from 'chai';
import { parseOperatorLine } from '../../../src/sandbox/demo/operator-log.js';
import type { OperatorLine } from '../../../src/sandbox/demo/operator-log.js';
import { evaluationEntry, operatorEntry } from '../../../src/sandbox/demo/operator-story.js';
import { toldAction } from '../../../src/sandbox/demo/people-story.js';
import type { RuleResult, Verdict } from '../../../src/model/rule-result.js';
import { timelineSchema } from '../../../src/sandbox/scenario/timeline-schema.js';

const line = (fields: Record<string, unknown>): OperatorLine => {
  const parsed = parseOperatorLine(
    JSON.stringify({
      ts: '2026-01-05T10:00:00.000Z',
      level: 'info',
      msg: 'attempt moved',
      application: 'argocd/checkout',
      ...fields,
    }),
  );
  if (parsed === undefined) throw new Error('not a line');
  return parsed;
};
const details = (fields: Record<string, unknown>): readonly string[] =>
  (operatorEntry(line(fields))?.details ?? []).map((detail) => detail.text);

describe('demo stories', () => {
  it('takes only whole JSON lines of the operator for its log', () => {
    expect(parseOperatorLine('Warning: something of node itself')).to.equal(undefined);
    expect(parseOperatorLine('{"ts":"2026-01-05T10:00:00.000Z"')).to.equal(undefined);
    expect(parseOperatorLine('{"level":"info"}')).to.equal(undefined);
    expect(line({}).at).to.equal(Date.UTC(2026, 0, 5, 10));
  });
  it('tells a new state with its step and why it was reached', () => {
    const told = operatorEntry(
      line({ from: 'CandidateResolved/intent-pr', to: 'PRCreated/waiting-for-ci', why: '#1 created' }),
    );
    expect(told).to.include({
      rank: 'state',
      text: 'PRCreated / waiting-for-ci',
      subject: 'checkout',
      who: 'operator',
    });
    expect(told?.details).to.deep.equal([{ text: '#1 created' }]);
  });
  it('tells a step within a state in one line', () => {
    const told = operatorEntry(
      line({ from: 'RollbackMerged/syncing', to: 'RollbackMerged/verifying', why: 'abc is synced' }),
    );
    expect(told).to.include({ rank: 'step', text: 'verifying: abc is synced' });
  });
  it('tells recovery as good news and an abort as bad news, with its reason once', () => {
    expect(
      operatorEntry(
        line({ msg: 'rollback complete', from: 'RollbackMerged/verifying', to: 'RollbackComplete', why: 'w' }),
      )?.mood,
    ).to.equal('good');
    const abort = {
      msg: 'attempt aborted',
      level: 'warn',
      from: 'PRCreated/waiting-for-ci',
      to: 'Abort',
      reason: 'ci-failed',
      meaning: 'a check failed',
      why: 'ci-failed: validate: failure',
    };
    expect(operatorEntry(line(abort))).to.include({ rank: 'state', text: 'Abort: ci-failed', mood: 'bad' });
    expect(details(abort)).to.deep.equal(['a check failed', 'validate: failure']);
    const refused = {
      to: 'Abort',
      from: 'CandidateResolved/planning',
      why: 'refused(HELM_SOURCE): not a shape it knows',
    };
    expect(operatorEntry(line(refused))?.text).to.equal('Abort: refused(HELM_SOURCE)');
  });
  it('does not tell it as bad news that an application healed by itself', () => {
    const told = operatorEntry(
      line({ from: 'DegradationDetected/held', to: 'Abort', why: 'recovered: Healthy for 6 s without the operator' }),
    );
    expect(told).to.include({ text: 'Abort: recovered' });
    expect(told?.mood).to.equal(undefined);
  });
  it('tells why nothing is done about a degraded application', () => {
    expect(
      operatorEntry(line({ msg: 'degraded application is not eligible', code: 'latched', why: 'already tried' }))?.text,
    ).to.equal('no rollback (latched): already tried');
  });
  it('tells trouble by its message, and leaves out what is only for the log', () => {
    expect(operatorEntry(line({ msg: 'listening' }))).to.equal(undefined);
    expect(operatorEntry(line({ msg: 'notice', kind: 'rollback-merged', title: 't' }))).to.equal(undefined);
    expect(operatorEntry(line({ msg: 'notice', kind: 'brake-closed', title: 'The brake is closed' }))?.text).to.equal(
      'notice: The brake is closed',
    );
    const trouble = { msg: 'the fleet could not be listed', level: 'warn', error: { message: 'no answer' } };
    expect(operatorEntry(line(trouble))?.text).to.equal('warn: the fleet could not be listed');
    expect(details(trouble)).to.deep.equal(['no answer']);
  });

  const rule = (id: RuleResult['id'], verdict: Verdict, reason = 'because'): RuleResult => ({
    id,
    verdict,
    value: 'seen',
    source: 's',
    readAt: 0,
    reason,
  });
  const evaluation = {
    headSha: 'abcdef0123456789',
    pinnedAt: 0,
    invariants: [
      rule('I1_environment', 'pass'),
      rule('I2_health_degraded', 'unknown', 'no answer'),
      rule('I3_replica_shortage', 'unknown', 'no answer'),
    ],
    guards: [rule('G1_change_induced', 'fail')],
  };
  it('counts only rules that hold, and gives the reason of every other one', () => {
    const told = evaluationEntry({ at: 0, application: 'argocd/checkout', evaluation }, true);
    expect(told?.text).to.equal('1 of 4 rules hold on abcdef0123');
    expect(told?.details?.map(({ label, verdict, text }) => [label, verdict, text])).to.deep.equal([
      ['I1_environment', 'pass', 'seen'],
      ['I2_health_degraded', 'unknown', 'no answer'],
      ['I3_replica_shortage', 'unknown', 'likewise'],
      ['G1_change_induced', 'fail', 'seen; because'],
    ]);
    expect(evaluationEntry({ at: 0, application: 'argocd/checkout', evaluation }, false)?.details).to.have.length(3);
  });

  it('leaves to the repository what the repository shows, and tells every other thing of a timeline', () => {
    const [{ do: actions } = { do: [] }] = timelineSchema.parse([
      {
        do: [
          { action: 'push', message: 'm', files: {} },
          { action: 'merge' },
          { action: 'review', by: 'maria', state: 'CHANGES_REQUESTED' },
          { action: 'comment', by: 'leo', body: '/abort' },
          {
            action: 'fault',
            server: 'github',
            method: 'POST',
            path: '/git/refs$',
            times: 2,
            fault: { kind: 'lose-after' },
          },
          { action: 'break', server: 'argocd', fault: { kind: 'hang' } },
          { action: 'change-application', application: 'checkout', switches: { doomed: true, flapping: [] } },
          { action: 'break-image', image: 'web:2', failure: null },
          { action: 'change-world', prometheus: 'down' },
        ],
      },
    ]);
    expect(
      actions
        .map(toldAction)
        .map((told) => told && `${told.who}: ${told.text}${told.detail ? ` (${told.detail})` : ''}`),
    ).to.deep.equal([
      undefined,
      undefined,
      'maria: reviews the pull request: requests changes',
      'leo: comments on the pull request (/abort)',
      'GitHub: the next 2 requests POST /git/refs: the answer is lost after the effect',
      'Argo CD: from now on every request: never answered',
      'world: checkout: no version gets healthy, it falls ill and recovers by itself no more',
      'world: image web:2 works again',
      'world: prometheus down',
    ]);
  });
});
