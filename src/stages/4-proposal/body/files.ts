import { markdownCode } from '../../../base/escape-markdown.js';
import type { AttemptView } from '../../../model/attempt-view.js';
import { andMore, paragraphs, type BodyFacts, type BodyLimits } from './section.js';

/** Which files change, and how many commits on them are undone. */
export function files(view: AttemptView, _facts: BodyFacts, limits: BodyLimits): string | undefined {
  const change = view.pullRequest ?? view.plan;
  if (change === undefined) return undefined;
  const shown = change.files.slice(0, 2 * limits.rows);
  return paragraphs(
    `### Files that change (${change.files.length})`,
    shown.map((f) => `- ${f.change} ${markdownCode(f.path, limits.text)}`).join('\n'),
    andMore(change.files.length, shown.length),
    `Only these: they become what they were at the version above, every other file stays. ${dropped(change.droppedCommits)}`,
  );
}

const dropped = (count: number): string =>
  count === 1 ? 'The effect of 1 commit on them is undone.' : `The effect of ${count} commits on them is undone.`;
