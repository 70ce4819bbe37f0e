import { ENVIRONMENT_ANNOTATION, MODE_ANNOTATION } from '../governance/policy-book.js';
import type { ApplicationKey } from '../model/application.js';
import type { Pause } from '../model/mark.js';
import type { Policy } from '../model/policy.js';
import type { EligibilityCode, MarkView, RuleForecast } from '../surface/explanation.js';

export interface Situation {
  readonly application: ApplicationKey;
  readonly code: EligibilityCode;
  readonly policy: Policy | undefined;
  readonly marks: readonly MarkView[];
  readonly pauses: readonly Pause[];
  readonly forecast: readonly RuleForecast[];
}

/** Pure: what a person could do, or wait for, to get another answer; first what keeps an attempt from opening. */
export const whatWouldChange = (s: Situation): readonly string[] =>
  [...toOpen(s), ...toMerge(s)].filter((t) => t !== '');

function toOpen(s: Situation): readonly string[] {
  switch (s.code) {
    case 'eligible':
      return [];
    case 'active-attempt':
      return [`\`ai-operator abort ${s.application} --reason ...\` stops the attempt.`];
    case 'unmanaged':
      return [
        'Match it in environments.staging.match or environments.production.match.',
        `If the annotation ${ENVIRONMENT_ANNOTATION} is set, it can only take away; remove it.`,
      ];
    case 'mode-off':
      return [`Set the mode of the environment, or correct the annotation ${MODE_ANNOTATION}.`];
    case 'not-degraded':
      return ['Nothing has to be done: an attempt opens when Argo CD says Degraded.'];
    case 'stale-status':
      return ['Find out why Argo CD does not reconcile it; only a fresh status counts.'];
    case 'version-unknown':
      return ['A sync that Argo CD carries out itself: then it says which revision is deployed.'];
    case 'child-application':
      return ['Look at the child application that is Degraded: it is judged for itself.'];
    case 'paused':
      return s.pauses.map(liftText);
    case 'record-unreadable':
      return [
        'Nothing else: while a record of it cannot be read, it may be a veto. It is looked at again each minute.',
      ];
    case 'latched':
      return [
        `\`ai-operator retry ${s.application} --reason ...\` allows one more try (the last: ${latchReason(s.marks)}).`,
        'Another version does so by itself.',
      ];
    case 'rollback-of-rollback':
      return ['A fix forward: what a rollback restored is never rolled back by the operator.'];
    case 'before-baseline':
      return [
        'It must become healthy and degrade anew: what was red before the operator was let loose is left to people.',
      ];
    case 'stale-failure':
      return [
        'It must become healthy and degrade anew: failures older than detection.maxFailureAge are left to people.',
      ];
  }
}
const latchReason = (marks: readonly MarkView[]): string =>
  marks.find((m) => m.kind === 'latch' && m.current)?.reason ?? 'tried';

function liftText(p: Pause): string {
  if (p.by.startsWith('kill file')) return `Remove the ${p.by}.`;
  const what = p.scope === 'operator' ? '--all' : p.scope;
  return `\`ai-operator resume ${what} --reason ...\` lifts the ${p.kill ? 'kill switch (role approver)' : 'pause'}.`;
}

/** What would have to be otherwise for the operator to merge by itself. */
function toMerge({ policy, forecast, marks }: Situation): readonly string[] {
  if (policy === undefined || policy.mode === 'off') return [];
  const quarantine = marks.find((m) => m.kind === 'quarantine' && m.current);
  const id = quarantine?.attempt.slice(0, 8) ?? '';
  const lifted = `\`ai-operator quarantine lift ${id} --reason ...\` (role approver)`;
  const barred = forecast.filter((r) => r.outlook === 'cannot-hold');
  return [
    quarantine === undefined ? '' : `This version was rolled back before, so it is only proposed; ${lifted} ends that.`,
    policy.mode === 'observe'
      ? `In mode observe nothing is done; environments.${policy.environment}.mode: propose opens pull requests.`
      : '',
    policy.mode === 'propose' ? `In mode propose people merge${loweredText(policy)}.` : '',
    ...barred.map(
      (r) => `${r.id} cannot hold now: ${r.why}${r.relaxedBy === undefined ? '' : ` (relaxed by ${r.relaxedBy})`}.`,
    ),
  ];
}
const loweredText = (policy: Policy): string =>
  policy.modeLoweredBy.length === 0 ? '' : ` (${policy.modeLoweredBy.join('; ')})`;
