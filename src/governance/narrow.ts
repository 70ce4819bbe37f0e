import { canonicalJson } from '../base/hash.js';
import { lowestMode, type Allowance, type Policy } from '../model/policy.js';

const tighter = (a: Allowance, b: Allowance): Allowance => (a.count / a.windowMs <= b.count / b.windowMs ? a : b);

/**
 * What an attempt is judged by now: the policy it was opened with, narrowed by what the configuration says today.
 * Whatever is stricter holds at once, whatever is looser only for new attempts (semantics 10).
 */
export function narrow(frozen: Policy, now: Policy): Policy {
  const mode = lowestMode(frozen.mode, now.mode);
  return {
    ...frozen,
    mode,
    modeLoweredBy: mode === frozen.mode ? frozen.modeLoweredBy : [...new Set([...frozen.modeLoweredBy, ...now.modeLoweredBy, 'lowered by the configuration meanwhile'])],
    guards: {
      ...frozen.guards,
      freeze: [...new Map([...frozen.guards.freeze, ...now.guards.freeze].map((w) => [canonicalJson(w), w])).values()],
      perApplication: [...frozen.guards.perApplication, ...now.guards.perApplication],
      fleet: tighter(frozen.guards.fleet, now.guards.fleet),
    },
    approval: {
      ...frozen.approval,
      mergeAfterApproval: frozen.approval.mergeAfterApproval && now.approval.mergeAfterApproval,
      count: Math.max(frozen.approval.count, now.approval.count),
    },
  };
}
