import { markdownCode, markdownText } from '../../../base/escape-markdown.js';
import { duration, when } from '../../../base/time-words.js';
import type { AttemptView } from '../../../model/attempt-view.js';
import { failing, type Evaluation, type RuleResult } from '../../../model/rule-result.js';
import { markdownTable, paragraphs, type BodyFacts, type BodyLimits } from './section.js';
import { shortRevision, VERDICT_WORDS } from './words.js';

/** The eight invariants and the guards: what was seen, where, when, and what would change it. */
export function rules(view: AttemptView, facts: BodyFacts, limits: BodyLimits): string {
  const { evaluation } = view;
  return paragraphs(
    '### Invariants and guards',
    verdict(view),
    evaluation === undefined ? undefined : ruleTable('invariant', evaluation.invariants, facts, limits),
    evaluation === undefined ? undefined : ruleTable('guard', evaluation.guards, facts, limits),
    evaluation === undefined
      ? undefined
      : `Evaluated ${when(evaluation.pinnedAt, facts.now)} on exactly ${markdownCode(shortRevision(evaluation.headSha))}.`,
  );
}

function verdict(view: AttemptView): string {
  const { evaluation } = view;
  const lowered =
    view.modeLoweredBy.length === 0
      ? ''
      : ` Lowered by: ${view.modeLoweredBy
          .slice(0, 10)
          .map((m) => markdownText(m, 100))
          .join(', ')}.`;
  const who =
    view.environment === 'production'
      ? '**Production: the operator never merges without the approval of a person.** The rules are shown to the approver.'
      : view.mode === 'auto'
        ? '**Mode `auto`: the operator merges by itself, if every rule holds.**'
        : `**Mode \`${view.mode}\`: people merge.**${lowered}`;
  if (evaluation === undefined) {
    return `${who} ${view.end === undefined ? 'The rules are evaluated once the checks on this pull request are done.' : 'It did not come to an evaluation.'}`;
  }
  return `${who} ${balance(evaluation)}`;
}

function balance({ invariants, guards }: Evaluation): string {
  const bad = failing([...invariants, ...guards]);
  if (bad.length === 0) return `All ${invariants.length} invariants and all ${guards.length} guards hold.`;
  return `${bad.length} of ${invariants.length + guards.length} ${bad.length === 1 ? 'does' : 'do'} not hold: ${bad.map((r) => r.id).join(', ')}.`;
}

function ruleTable(
  kind: string,
  results: readonly RuleResult[],
  { now }: BodyFacts,
  limits: BodyLimits,
): string | undefined {
  if (results.length === 0) return undefined;
  const rows = results.map((r) => [
    r.id,
    VERDICT_WORDS[r.verdict],
    markdownText(r.value, limits.text),
    markdownText(r.source, limits.text),
    duration(Math.max(0, now - r.readAt)),
    markdownText(r.reason, limits.text),
  ]);
  return markdownTable([kind, 'verdict', 'seen', 'source', 'age', 'why; what would change it'], rows);
}
