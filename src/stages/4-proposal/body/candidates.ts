import { markdownText } from '../../../base/escape-markdown.js';
import { utc } from '../../../base/time-words.js';
import type { AttemptView } from '../../../model/attempt-view.js';
import type { CandidateRow } from '../../../model/candidate.js';
import { andMore, markdownTable, paragraphs, type BodyFacts, type BodyLimits } from './section.js';
import { CI_WORDS, revisionLink, uptimeWords, verdictWords } from './words.js';

/** Every version that was looked at, newest first, and why this one. */
export function candidates(view: AttemptView, _facts: BodyFacts, limits: BodyLimits): string | undefined {
  const { table, candidate, target } = view;
  if (table.length === 0) return undefined;
  const shown = table.slice(0, limits.rows);
  const rows = shown.map((row) => [
    revisionLink(row.revision, target),
    utc(row.deployedAt),
    markdownText(uptimeWords(row.uptime), limits.text),
    CI_WORDS[row.ci],
    verdictText(row, limits),
  ]);
  return paragraphs(
    '### Why this version',
    markdownTable(['version', 'deployed here', 'metrics', 'checks', 'verdict'], rows),
    andMore(table.length, shown.length),
    candidate === undefined ? undefined : passedOver(candidate.passedOver),
  );
}

function verdictText({ verdict }: CandidateRow, limits: BodyLimits): string {
  const words = markdownText(verdictWords(verdict), limits.text + 100);
  return verdict.kind === 'chosen' ? `**${words}**` : words;
}

const passedOver = (count: number): string =>
  count === 0
    ? 'No other version lies between the bad one and this one.'
    : `**Passed over: ${count} newer ${count === 1 ? 'version' : 'versions'}** between the bad one and this one; what they brought to these files goes too.`;
