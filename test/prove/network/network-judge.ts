import type { Course } from '../kill/course.js';
import { applied, evidenceOf, unless, type Evidence } from '../kill/evidence.js';
import { didSomething, oneMerge, onePullRequest, onlyWhileOpen, replayedDecisions } from '../kill/judge-effects.js';
import { chainIntact, fenced, legalPath, nothingLost, oneActive, outcomeLater } from '../kill/judge-records.js';
import type { KillWorld } from '../kill/kill-world.js';

/**
 * Everything that is wrong with a run that has come to its end, by what GitHub, git, etcd and the audit log say; empty =
 * nothing. `merges` = how often the operator has to have merged.
 */
export async function judge(world: KillWorld, course: Course, merges: 0 | 1): Promise<readonly string[]> {
  const evidence = await evidenceOf(world, course);
  const atOnce = [didSomething, onePullRequest, onlyWhileOpen, replayedDecisions];
  const records = [fenced, legalPath, nothingLost, oneActive, outcomeLater];
  return [
    ...course.faults,
    ...[...atOnce, ...records].flatMap((judged) => judged(evidence)),
    ...(await chainIntact(evidence)),
    ...(merges === 1 ? await oneMerge(evidence) : noMerge(evidence)),
  ];
}
function noMerge(e: Evidence): readonly string[] {
  const [merges, branches] = [applied(e, 'PUT', /\/merge$/).length, applied(e, 'POST', /\/git\/refs$/).length];
  return unless(merges === 0 && branches === 1, `${merges} merges and ${branches} branches, not 0 and 1`);
}
