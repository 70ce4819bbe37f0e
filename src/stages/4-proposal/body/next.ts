import { markdownCode, markdownSentence, markdownText } from '../../../base/escape-markdown.js';
import { when } from '../../../base/time-words.js';
import type { AttemptView } from '../../../model/attempt-view.js';
import { paragraphs, type BodyFacts } from './section.js';

/** What happens next, until when, and what happens otherwise. */
export function nextSection(view: AttemptView, { now }: BodyFacts): string {
  const { text, until, otherwise } = view.next;
  const deadline =
    until === undefined ? '' : ` At the latest ${when(until, now)}; otherwise ${markdownText(otherwise ?? 'it ends')}.`;
  return paragraphs('### What happens next', `Next: ${markdownSentence(text)}${deadline}`);
}

/** Every way to stop it; only while there is something to stop. */
export function howToStop(view: AttemptView): string | undefined {
  if (view.end !== undefined) return undefined;
  if (view.state === 'RollbackMerged') {
    const revert = 'To undo it, revert this pull request: the operator does not roll back a rollback.';
    return paragraphs(
      '### How to stop it',
      `It is merged, so an abort comes too late, and the watching goes on. ${revert}`,
    );
  }
  const command = markdownCode(`ai-operator abort ${view.id} --reason "…"`);
  return paragraphs(
    '### How to stop it',
    [
      '- Close this pull request: a veto. Nothing more is tried for this version.',
      '- Label it `ai-operator:hold`: the operator does not merge while the label is there.',
      '- Comment `/abort` (needs write access).',
      `- Or run ${command}.`,
      '- A push to this branch takes it over: the operator keeps its hands off.',
    ].join('\n'),
  );
}
