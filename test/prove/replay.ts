import { barsApprovedMerge, barsAutoMerge } from '../../src/governance/governance-engine.js';
import type { Candidate, CandidateRejection, CandidateRow } from '../../src/model/candidate.js';
import {
  isOpen,
  type AwaitingMergeApproval,
  type OpenAttempt,
  type RollbackAttempt,
} from '../../src/model/rollback-attempt.js';
import { GUARD_IDS, INVARIANT_IDS } from '../../src/model/rule-result.js';
import { confirmation } from '../../src/stages/2-confirmation/confirmation.js';
import { chooseCandidate, type SurveyedContent } from '../../src/stages/3-resolution/candidate-choice.js';

/**
 * S24: every decision that a stored version holds is made again, by the same pure functions, from what is stored with it.
 * Complaints; empty = all of them come out as they are stored.
 */
export const replayed = (a: RollbackAttempt): readonly string[] =>
  isOpen(a) ? [...confirmed(a), ...chosen(a), ...(a.state === 'AwaitingMergeApproval' ? merged(a) : [])] : [];

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

function confirmed(a: OpenAttempt): readonly string[] {
  const checks = 'confirmation' in a ? a.confirmation : 'confirmation' in a.step ? a.step.confirmation : undefined;
  if (checks === undefined) return [];
  const again = confirmation(checks, a.policy.timing.DEGRADATION_PERSISTENCE_CHECKS);
  const running = checks.at(-1)?.running;
  return [
    ...(again.kind === 'confirmed' && same(again.checks, checks)
      ? []
      : [`its stored checks say ${again.kind}, and it was confirmed by them`]),
    ...(same(running, { revisions: a.bad.revisions, settings: a.bad.settings })
      ? []
      : ['it was confirmed by checks of another version than the bad one']),
  ];
}

/** Said by whoever surveys what ran here, from git and marks that are not stored: taken as it stands. */
const SURVEYED: ReadonlySet<CandidateRejection> = new Set([
  'quarantined',
  'settings-differ',
  'not-an-ancestor',
  'closure-unreadable',
]);
function chosen(a: OpenAttempt): readonly string[] {
  if (!('table' in a)) return [];
  const { chosen: best, table } = chooseCandidate(a.table.map(surveyed), a.policy.candidates);
  const { content, revision, basis, uptime, ci, deployedAt, passedOver } = a.candidate;
  const is = { content, revision, basis, uptime, ci, deployedAt, passedOver };
  const must = best && {
    content: best.content,
    revision: best.revision,
    basis: best.basis,
    uptime: best.uptime,
    ci: best.ci,
    deployedAt: best.deployedAt,
    passedOver: best.passedOver,
  };
  return [
    ...(same(table, a.table) ? [] : ['its stored candidates are judged otherwise than the table says']),
    ...(same(must, is)
      ? []
      : [
          `its stored candidates give ${best === undefined ? 'none' : wordsOf(best)}, and ${wordsOf(a.candidate)} was chosen`,
        ]),
  ];
}
const wordsOf = ({ revision, basis, passedOver }: Candidate): string =>
  `${revision.slice(0, 10)} by ${basis} past ${passedOver}`;
/** When it stopped running is not in the table, and decides nothing. */
const surveyed = ({ verdict, ...row }: CandidateRow): SurveyedContent => ({
  ...row,
  stoppedAt: 0,
  ...(verdict.kind === 'rejected' && SURVEYED.has(verdict.because)
    ? { excluded: { because: verdict.because, detail: verdict.detail } }
    : {}),
});

const RULES: ReadonlySet<string> = new Set([...INVARIANT_IDS, ...GUARD_IDS]);
function merged({ step, policy, proposeOnly, pullRequest }: AwaitingMergeApproval): readonly string[] {
  if (!('evaluation' in step)) return [];
  const [auto, approved] = [barsAutoMerge(step.evaluation), barsApprovedMerge(step.evaluation)];
  if (step.name === 'waiting-for-human') {
    const named = step.barredBy.filter((code) => RULES.has(code)).join();
    const follows = step.barredBy.length > 0 && (named === auto.join() || named === approved.join());
    return follows
      ? []
      : [
          `left to people because of ${step.barredBy.join() || 'nothing'}, and its rules say ${auto.join() || 'nothing'}`,
        ];
  }
  const bySomebody = step.approvedBy.length > 0;
  const bars = [
    ...(bySomebody ? approved : auto),
    ...((bySomebody ? policy.approval.mergeAfterApproval : policy.environment === 'staging') ? [] : ['environment']),
    ...(policy.mode === 'auto' ? [] : ['mode']),
    ...proposeOnly,
    ...(step.headSha === pullRequest.headSha && step.headSha === step.evaluation.headSha ? [] : ['head']),
  ];
  return bars.length === 0 ? [] : [`to be merged, and what is stored with it bars that: ${bars.join()}`];
}
