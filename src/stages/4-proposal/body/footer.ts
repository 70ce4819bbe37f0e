import { markdownCode, markdownText } from '../../../base/escape-markdown.js';
import { utc } from '../../../base/time-words.js';
import type { AttemptView } from '../../../model/attempt-view.js';
import { paragraphs, type BodyFacts } from './section.js';

/** Which loosened settings were in force: never silent (semantics 0.6). */
export function relaxations(view: AttemptView, facts: BodyFacts): string {
  const used = [...view.relaxations, ...(facts.development ? ['development: true'] : [])];
  const list =
    used.length === 0
      ? 'none'
      : used
          .slice(0, 20)
          .map((r) => markdownCode(r, 160))
          .join(', ');
  const lowered =
    view.modeLoweredBy.length === 0
      ? ''
      : ` Mode lowered to \`${view.mode}\` by: ${view.modeLoweredBy
          .slice(0, 10)
          .map((m) => markdownText(m, 100))
          .join(', ')}.`;
  const proposed = view.proposeOnly
    .slice(0, 10)
    .map((r) => markdownText(r, 200))
    .join('; ');
  return `Relaxed settings in force: ${list}.${lowered}${proposed === '' ? '' : ` Only proposed, because: ${proposed}.`}`;
}

/** Who says so, and by which id everything about it is found. */
export function footer(view: AttemptView, facts: BodyFacts): string {
  const retry = view.retryOf === undefined ? '' : ` It repeats ${markdownCode(view.retryOf, 60)}.`;
  return paragraphs(
    '---',
    `Correlation id ${markdownCode(view.id, 60)}: in every log line, audit record and event about this attempt.${retry}`,
    `<sub>AI DevOps Operator ${markdownText(facts.version, 40)}, instance ${markdownCode(facts.instance, 63)}, store ${markdownText(facts.storeKind, 20)}. Ages as of ${utc(facts.now)}.</sub>`,
    attemptMarker(view.id),
  );
}

const MARKER = /^<!-- ai-operator:attempt=([0-9A-Za-z-]{1,64}) v1 -->$/gm;
const attemptMarker = (id: string): string =>
  `<!-- ai-operator:attempt=${id.replaceAll(/[^0-9A-Za-z-]/g, '-').slice(0, 64)} v1 -->`;

/**
 * The attempt a body was written for; undefined when it carries no marker or several. Anybody can edit a body: a hint for
 * looking, never a proof of who wrote it.
 */
export function attemptInBody(body: string): string | undefined {
  const found = [...body.replaceAll('\r\n', '\n').matchAll(MARKER)];
  return found.length === 1 ? found[0]?.[1] : undefined;
}
