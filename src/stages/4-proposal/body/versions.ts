import { markdownCode, markdownText } from '../../../base/escape-markdown.js';
import { utc } from '../../../base/time-words.js';
import type { AttemptView } from '../../../model/attempt-view.js';
import { markdownTable, paragraphs, type BodyFacts, type BodyLimits } from './section.js';
import { BASIS_WORDS, CI_WORDS, revisionLink, uptimeWords } from './words.js';

/** From what, to what, and where. */
export function versions(view: AttemptView, _facts: BodyFacts, limits: BodyLimits): string | undefined {
  const { candidate, target, bad } = view;
  if (candidate === undefined || target === undefined) return undefined;
  const from =
    bad.revisions
      .slice(0, 5)
      .map((r) => revisionLink(r, target))
      .join(', ') || 'unknown';
  const rows = [
    ['revision', from, revisionLink(candidate.revision, target)],
    [
      'deployed here',
      bad.deployedAt === undefined ? 'unknown' : utc(bad.deployedAt),
      `${utc(candidate.deployedAt)} to ${utc(candidate.stoppedAt)}`,
    ],
    ['health', 'Degraded', markdownText(uptimeWords(candidate.uptime), limits.text)],
    ['checks', '', CI_WORDS[candidate.ci]],
    ['content', contentCode(bad.content), contentCode(candidate.content)],
  ];
  const where = `In ${markdownCode(`${target.owner}/${target.repository}`, 140)}, branch ${markdownCode(target.branch, limits.text)}, path ${markdownCode(target.path, limits.text)}.`;
  return paragraphs(
    markdownTable(['', 'from', 'to'], rows),
    `${where} Returned to because: ${BASIS_WORDS[candidate.basis]}.`,
  );
}

const contentCode = (content: string | undefined): string =>
  content === undefined ? 'unknown' : markdownCode(content.slice(0, 12));
