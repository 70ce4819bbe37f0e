import type { EpochMs } from '../model/application.js';
import { isOpen, planOf, resolvedOf, type OpenAttempt, type RollbackAttempt } from '../model/rollback-attempt.js';
import type { AuditEntry } from '../ports/audit-log.js';

/** State and step, as audit records name them; undefined = there is no attempt (any more). */
export const standing = (a: RollbackAttempt | undefined): string =>
  a === undefined ? 'Idle' : isOpen(a) ? `${a.state}/${a.step.name}` : a.state;

/** Pure: the audit entry of one transition; `to` undefined = the attempt is forgotten, `from` undefined = it is opened. */
export function decisionEntry(
  from: OpenAttempt | undefined,
  to: RollbackAttempt | undefined,
  why: string,
  at: EpochMs,
): AuditEntry {
  const a = to ?? from;
  if (a === undefined) throw new RangeError('a decision is about an attempt');
  const version = to === undefined ? a.version + 1 : to.version;
  const step = to !== undefined && isOpen(to) ? to.step : undefined;
  const evaluation = step !== undefined && 'evaluation' in step ? step.evaluation : undefined;
  const plan = to === undefined ? undefined : planOf(to);
  const resolved = to === undefined ? undefined : resolvedOf(to);
  return {
    subject: `${a.id}/${version}`,
    kind: 'decision',
    at,
    attempt: a.id,
    application: a.application,
    actor: 'operator',
    text: `${standing(from)} -> ${standing(to)}: ${why}`,
    ...(evaluation === undefined ? {} : { rules: [...evaluation.invariants, ...evaluation.guards] }),
    facts: {
      environment: a.policy.environment,
      mode: a.policy.mode,
      badRevisions: a.bad.revisions,
      ...(resolved === undefined
        ? {}
        : { candidate: resolved.candidate.revision, content: resolved.candidate.content }),
      ...(plan === undefined
        ? {}
        : { branch: plan.branch, base: plan.baseSha, tree: plan.tree, files: plan.files.length }),
      ...(evaluation === undefined ? {} : { head: evaluation.headSha }),
    },
  };
}
