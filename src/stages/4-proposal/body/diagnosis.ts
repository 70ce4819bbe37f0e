import { markdownCode } from '../../../base/escape-markdown.js';
import { redactText } from '../../../base/redact.js';
import type { AttemptView } from '../../../model/attempt-view.js';
import { andMore, markdownTable, paragraphs, type BodyFacts, type BodyLimits } from './section.js';

/** What ails the pods; shown, never a reason for a decision. */
export function diagnosis(view: AttemptView, _facts: BodyFacts, limits: BodyLimits): string | undefined {
  if (view.diagnosis.length === 0) return undefined;
  const shown = view.diagnosis.slice(0, limits.rows);
  const rows = shown.map((t) => [
    markdownCode(t.pod, 80),
    markdownCode(t.container, 63),
    markdownCode(t.reason, 60),
    t.exitCode === undefined ? '' : String(t.exitCode),
    String(t.restarts),
    t.message === '' ? '' : markdownCode(redactText(t.message), limits.text),
  ]);
  return paragraphs(
    '### What the pods say',
    markdownTable(['pod', 'container', 'reason', 'exit code', 'restarts', 'message'], rows),
    andMore(view.diagnosis.length, shown.length),
  );
}
