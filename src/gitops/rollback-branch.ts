import { splitApplicationKey } from '../model/application.js';
import type { CandidateResolved } from '../model/rollback-attempt.js';
import { branchName } from './branch-name.js';

/** The branch of an attempt's rollback: deterministic, so that it is found again whatever happened. */
export function branchOf(a: Pick<CandidateResolved, 'application' | 'policy' | 'bad' | 'candidate'>): string {
  return branchName(a.policy.environment, splitApplicationKey(a.application), {
    bad: a.bad.revisions[0] ?? '',
    good: a.candidate.revision,
  });
}
