import { markdownCode, markdownSentence, markdownText } from '../../../base/escape-markdown.js';
import { duration, when } from '../../../base/time-words.js';
import type { AttemptView, EndView } from '../../../model/attempt-view.js';
import { paragraphs, type BodyFacts } from './section.js';
import { isPeacefulEnd, shortRevision } from './words.js';

type Tone = 'NOTE' | 'TIP' | 'IMPORTANT' | 'WARNING' | 'CAUTION';
const alert = (tone: Tone, ...lines: readonly string[]): string =>
  [`> [!${tone}]`, ...lines.map((l) => `> ${l}`)].join('\n');

/** How it stands, or how it ended: the first thing to read. */
export function banner(view: AttemptView, facts: BodyFacts): string {
  return paragraphs(
    view.end === undefined ? standing(view, facts) : outcome(view, view.end, facts),
    facts.development || facts.storeKind === 'memory'
      ? alert(
          'NOTE',
          `${facts.development ? '`development: true`' : 'A store in memory'}: what this operator knows of vetoes, latches and budgets is gone when it restarts.`,
        )
      : undefined,
  );
}

function standing(view: AttemptView, { now }: BodyFacts): string {
  if (view.stop !== undefined && view.state !== 'RollbackMerged') {
    return alert(
      'CAUTION',
      `**Stopping.** ${markdownText(view.stop.by, 60)} asked for it ${when(view.stop.at, now)}: ${markdownText(view.stop.why, 300)}`,
    );
  }
  switch (view.state) {
    case 'Idle':
    case 'RollbackComplete':
    case 'Abort':
    case 'DegradationDetected':
    case 'CandidateResolved':
      return alert('NOTE', '**Rollback prepared.** The checks on this pull request come next.');
    case 'PRCreated':
      return alert('NOTE', '**Rollback proposed. Waiting for the checks on this pull request.**');
    case 'AwaitingMergeApproval':
      return awaiting(view);
    case 'RollbackMerged':
      return alert(
        'NOTE',
        `**Merged${mergedBy(view)} ${view.merge === undefined ? '' : when(view.merge.at, now)}.** Not over before the application is healthy again.`,
      );
  }
}

function awaiting(view: AttemptView): string {
  if (view.step !== 'waiting-for-human')
    return alert('NOTE', '**The checks are done. The operator decides about the merge.**');
  if (view.environment === 'production') {
    return alert(
      'IMPORTANT',
      '**Production: a person must decide.** Nothing is merged here without an approving review of exactly this head.',
    );
  }
  const because =
    view.barredBy.length === 0
      ? ''
      : ` Because of: ${view.barredBy
          .slice(0, 20)
          .map((b) => markdownText(b, 100))
          .join(', ')}.`;
  return alert('WARNING', `**A person must decide: the operator does not merge this by itself.**${because}`);
}

function mergedBy(view: AttemptView): string {
  switch (view.merge?.by) {
    case undefined:
      return '';
    case 'operator':
      return ' by the operator';
    case 'human':
      return view.merge.login === undefined ? ' by a person' : ` by ${markdownText(view.merge.login, 60)}`;
    case 'sibling':
      return ` with rollback pull request #${view.merge.pullRequest}`;
  }
}

function outcome(view: AttemptView, end: EndView, { now }: BodyFacts): string {
  if (end.kind === 'complete') {
    return alert(
      'TIP',
      `**Recovered.** Healthy without a break since ${when(end.recoveredAt, now)}. From Degraded to healthy: **${duration(end.timeToRecoveryMs)}**.`,
      view.merge === undefined
        ? ''
        : `Merged${mergedBy(view)} as ${markdownCode(shortRevision(view.merge.commit))} ${when(view.merge.at, now)}.`,
    );
  }
  const good = isPeacefulEnd(end.reason);
  const closedAt = view.closedAt ?? view.enteredAt;
  return alert(
    good ? 'NOTE' : 'CAUTION',
    `**${good ? 'Ended' : 'Ended without recovery'}: ${markdownCode(end.reason, 80)}** ${when(closedAt, now)}: ${markdownText(end.meaning)}.`,
    `Why: ${markdownSentence(end.why, 600)}`,
    ...(view.pullRequest === undefined ? [] : [pullRequestFate(end, view, now)]),
  );
}

function pullRequestFate(end: Extract<EndView, { kind: 'aborted' }>, view: AttemptView, now: number): string {
  if (view.merge !== undefined)
    return `This was merged${mergedBy(view)} ${when(view.merge.at, now)}: **the rollback is in the branch.** It is not undone.`;
  switch (end.pullRequest) {
    case 'close':
      return 'This pull request is closed.';
    case 'leave-open':
      return `This pull request stays open for people. **It is no longer watched**: the evidence below is of ${when(view.closedAt ?? view.enteredAt, now)}.`;
    case 'hands-off':
      return 'The operator leaves this pull request to the people who took it.';
  }
}
