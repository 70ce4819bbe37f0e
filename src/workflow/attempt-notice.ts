import { viewOf } from '../model/attempt-view.js';
import type { EpochMs } from '../model/application.js';
import { pullRequestOf, type Abort, type CandidateResolved, type RollbackAttempt } from '../model/rollback-attempt.js';
import type { Notice } from '../ports/notifier.js';

/** Pure: what people are told about an attempt as it stands; undefined = nothing new. The id is that of the decision, so repeats are seen as such. */
export function noticeOf(a: RollbackAttempt, now: EpochMs): Notice | undefined {
  const notice = (kind: Notice['kind'], severity: Notice['severity'], title: string, text: string): Notice => ({
    // The version may grow by served duties; the state and its beginning do not.
    id: `${a.id}/${kind}`,
    kind,
    severity,
    at: now,
    title,
    text,
    application: a.application,
    attempt: viewOf(a),
  });
  const where = `${a.application} (${a.policy.environment})`;
  const pr = pullRequestOf(a);
  const link = pr === undefined ? '' : ` ${pr.url}`;
  switch (a.state) {
    case 'DegradationDetected':
      return undefined;
    case 'CandidateResolved':
      return knownOnlyByContent(a)
        ? notice(
            'bad-version-returned',
            'critical',
            `A bad version of ${where} is deployed again`,
            a.proposeOnly.join('; '),
          )
        : undefined;
    case 'PRCreated':
      return notice(
        'rollback-proposed',
        'info',
        `Rollback of ${where} proposed`,
        `Pull request #${a.pullRequest.number} restores ${a.candidate.revision.slice(0, 10)}.${link}`,
      );
    case 'AwaitingMergeApproval':
      return a.step.name === 'waiting-for-human'
        ? notice(
            'approval-needed',
            'warning',
            `Rollback of ${where} needs a person`,
            `Not merged by the operator because of: ${a.step.barredBy.join(', ')}.${link}`,
          )
        : undefined;
    case 'RollbackMerged':
      return a.stop === undefined
        ? notice(
            'rollback-merged',
            'info',
            `Rollback of ${where} merged`,
            `#${a.merge.pullRequest} was merged by ${a.merge.by}; its effect is being verified.${link}`,
          )
        : notice(
            'aborted-too-late',
            'critical',
            `Abort of ${where} came too late`,
            `#${a.merge.pullRequest} was merged already; its effect is being verified.${link}`,
          );
    case 'RollbackComplete':
      return notice(
        'rollback-completed',
        'info',
        `${where} is healthy again`,
        `From Degraded to healthy in ${Math.round((a.recoveredAt - a.onset) / 1000)} s.${link}`,
      );
    case 'Abort': {
      if (neverTold(a)) return undefined;
      const loud =
        a.reason === 'merge-differs' ||
        a.reason === 'not-recovered' ||
        a.reason === 'not-synced' ||
        a.reason === 'unverified';
      const calm = a.reason === 'recovered' || a.reason === 'observed';
      return notice(
        'rollback-aborted',
        loud ? 'critical' : calm ? 'info' : 'warning',
        `Rollback of ${where} ended: ${a.reason}`,
        `${a.why}${link}`,
      );
    }
  }
}
/** A quarantined version under a commit id nobody has seen: recognised while resolving, so nobody has been told yet. */
const knownOnlyByContent = (a: CandidateResolved): boolean =>
  a.proposeOnly.some(isQuarantine) && !a.policy.modeLoweredBy.some(isQuarantine);
const isQuarantine = (reason: string): boolean => reason.startsWith('quarantined:');
/** It ended before anything was proposed, and either nothing is wrong any more or the brake's one alert has told it for all. */
const neverTold = (a: Abort): boolean =>
  a.last.state === 'DegradationDetected' && (a.reason === 'recovered' || a.reason === 'refused(brake)');
