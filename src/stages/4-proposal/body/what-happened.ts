import { markdownCode, markdownText } from '../../../base/escape-markdown.js';
import { duration, utc, when } from '../../../base/time-words.js';
import type { AttemptView } from '../../../model/attempt-view.js';
import type { BodyFacts } from './section.js';
import { revisionLink, uptimeWords } from './words.js';

/** The case in a few sentences: since when, after what, said by how many checks, and what is restored. */
export function whatHappened(view: AttemptView, { now }: BodyFacts): string {
  const bad =
    view.bad.revisions
      .slice(0, 5)
      .map((r) => revisionLink(r, view.target))
      .join(', ') || 'an unknown revision';
  const deployed = view.bad.deployedAt;
  const after =
    deployed === undefined
      ? ` It runs ${bad}.`
      : view.onset >= deployed
        ? `, ${duration(view.onset - deployed)} after ${bad} was deployed.`
        : `; ${bad} was deployed ${utc(deployed)}.`;
  return [
    `${markdownCode(view.application, 130)} (${view.environment}, project ${markdownCode(view.project, 63)}) turned Degraded ${when(view.onset, now)}${after}`,
    confirmed(view),
    restored(view),
  ]
    .filter((s) => s !== '')
    .join(' ');
}

function confirmed({ confirmation }: AttemptView): string {
  const last = confirmation.at(-1);
  const first = confirmation[0];
  if (first === undefined || last === undefined) return '';
  return `${confirmation.length} ${confirmation.length === 1 ? 'check' : 'checks in a row'} confirmed it, from ${utc(first.at)} to ${utc(last.at)}.`;
}

function restored({ candidate, target }: AttemptView): string {
  if (candidate === undefined) return '';
  const ran =
    candidate.stoppedAt > candidate.deployedAt
      ? `, which ran here for ${duration(candidate.stoppedAt - candidate.deployedAt)}`
      : '';
  return `This restores the files of ${revisionLink(candidate.revision, target)}${ran}: ${markdownText(uptimeWords(candidate.uptime), 200)}.`;
}
