import type { EpochMs } from '../model/application.js';
import type { RepositoryPolicy } from '../model/policy.js';
import type { BranchRules, Check, RequiredCheck } from '../ports/source-control.js';

/** I6 in three values, with the checks it speaks of. */
export type CiVerdict =
  | {
      readonly kind: 'success';
      readonly basis: 'required' | 'observed' | 'none-allowed';
      readonly checks: readonly string[];
    }
  | { readonly kind: 'failed'; readonly failed: readonly string[] }
  | { readonly kind: 'pending'; readonly waitingFor: readonly string[] }
  /** Nothing is expected and nothing was seen: not a success. */
  | { readonly kind: 'none' };

export interface CiQuestion {
  readonly checks: readonly Check[];
  readonly rules: Pick<BranchRules, 'requiredChecks'>;
  readonly repository: Pick<RepositoryPolicy, 'requiredChecks' | 'allowNoChecks' | 'failOnOptionalFailure'>;
  /** When the head was pushed. */
  readonly pushedAt: EpochMs;
  readonly settleWindowMs: number;
  readonly now: EpochMs;
}

const named = (c: { readonly name: string; readonly appId?: number }): string =>
  c.appId === undefined ? c.name : `${c.name} (app ${c.appId})`;
const meets = (check: Check, wanted: RequiredCheck): boolean =>
  check.name === wanted.name && (wanted.appId === undefined || check.appId === wanted.appId);

/** Pure; the rules of `facts/github.md` 3.4. The same name as check run and as status must succeed in both. */
export function ciVerdict(q: CiQuestion): CiVerdict {
  const expected = [...q.repository.requiredChecks, ...q.rules.requiredChecks];
  const failed = q.checks.filter((c) => c.state === 'failure');
  return expected.length > 0 ? requiredVerdict(q, expected, failed) : observedVerdict(q, failed);
}

function requiredVerdict(q: CiQuestion, expected: readonly RequiredCheck[], failed: readonly Check[]): CiVerdict {
  const counted = failed.filter((c) => q.repository.failOnOptionalFailure || expected.some((e) => meets(c, e)));
  if (counted.length > 0) return { kind: 'failed', failed: counted.map((c) => `${named(c)}: ${c.conclusion}`) };
  const waitingFor = expected.flatMap((e) => {
    const seen = q.checks.filter((c) => meets(c, e));
    if (seen.length === 0) return [`${named(e)} (never started)`];
    return seen.every((c) => c.state === 'success') ? [] : [named(e)];
  });
  if (waitingFor.length > 0) return { kind: 'pending', waitingFor: [...new Set(waitingFor)] };
  return { kind: 'success', basis: 'required', checks: [...new Set(expected.map(named))] };
}

function observedVerdict(q: CiQuestion, failed: readonly Check[]): CiVerdict {
  if (failed.length > 0) return { kind: 'failed', failed: failed.map((c) => `${named(c)}: ${c.conclusion}`) };
  const pending = q.checks.filter((c) => c.state === 'pending');
  if (pending.length > 0) return { kind: 'pending', waitingFor: pending.map(named) };
  const lastMove = Math.max(
    q.pushedAt,
    ...q.checks.map((c) => Math.max(c.completedAt ?? q.pushedAt, c.startedAt ?? q.pushedAt)),
  );
  const settled = q.now - lastMove >= q.settleWindowMs;
  // What was skipped, or has no opinion, passes where it is required, but it proves nothing by itself.
  if (!q.checks.some((c) => c.conclusion === 'success')) {
    if (!settled) return { kind: 'pending', waitingFor: ['a first check (none has registered yet)'] };
    return q.repository.allowNoChecks ? { kind: 'success', basis: 'none-allowed', checks: [] } : { kind: 'none' };
  }
  if (!settled) {
    return { kind: 'pending', waitingFor: ['the settle window (no check is required, so late ones are waited for)'] };
  }
  return { kind: 'success', basis: 'observed', checks: q.checks.map(named) };
}
