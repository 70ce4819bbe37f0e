import type { OperatorError } from '../../base/errors.js';
import type { PolicyBook } from '../../governance/policy-book.js';
import type { RuleForecast } from '../../surface/explanation.js';
import type { RuleForecaster } from '../rule-forecaster.js';
import type { Check, Findings } from './finding.js';
import type { Reading } from './managed-applications.js';

const TIMEOUT_MS = 60_000;
/** Argo CD's own clock, as `reconciledAt` shows it, may be ahead of ours by this much. */
const LARGEST_SKEW_MS = 5_000;

/** One managed staging application: which rules cannot hold today, and the key that relaxes each (semantics 15). */
export class ApplicationCheck implements Check {
  readonly subject: string;
  readonly timeoutMs = TIMEOUT_MS;
  constructor(
    private readonly reading: Reading,
    private readonly policies: PolicyBook,
    private readonly forecaster: RuleForecaster,
    private readonly now: () => number,
  ) {
    this.subject = `application ${reading.application}`;
  }

  async look(found: Findings, signal: AbortSignal): Promise<void> {
    if ('error' in this.reading) throw this.reading.error;
    const { snapshot } = this.reading;
    const policy = this.policies.policyOf(snapshot);
    if (policy === undefined) return found.warning("an annotation takes it out of the operator's hands");
    const ahead = (snapshot.reconciledAt ?? 0) - this.now();
    if (ahead > LARGEST_SKEW_MS) {
      found.warning(
        `Argo CD's clock is ${Math.round(ahead / 1000)} s ahead of this machine's`,
        'Let both follow a time server.',
      );
    }
    const forecast = await this.forecaster.forecast(policy, snapshot, signal);
    const barred = forecast.filter((r) => r.outlook === 'cannot-hold');
    const open = forecast.filter((r) => r.outlook === 'unknown');
    const lowered = policy.modeLoweredBy.length === 0 ? '' : ` (${policy.modeLoweredBy.join('; ')})`;
    const mode = policy.mode === 'auto' ? '' : `mode ${policy.mode}${lowered}, so people merge; `;
    if (barred.length + open.length === 0) {
      return found.ok(`${mode}nothing is known today that would bar a merge by the operator`);
    }
    const parts = [
      barred.length === 0 ? '' : `cannot hold today: ${barred.map(ruleText).join('; ')}`,
      open.length === 0 ? '' : `cannot be told: ${open.map(ruleText).join('; ')}`,
    ].filter((p) => p !== '');
    found.warning(mode + parts.join('. '), relaxers([...barred, ...open]));
  }
  mend({ category }: OperatorError): string {
    return category === 'denied' ? 'Give the account `applications, get` on its project.' : '';
  }
}

const ruleText = (r: RuleForecast): string => `${r.id}: ${r.why}`;
function relaxers(rules: readonly RuleForecast[]): string {
  const keys = [
    ...new Set(rules.flatMap((r) => (r.relaxedBy === undefined ? [] : [`${r.id.split('_')[0]}: ${r.relaxedBy}`]))),
  ];
  return keys.length === 0 ? '' : `relaxed by: ${keys.join('; ')}`;
}
