import type { AttemptView } from '../../model/attempt-view.js';
import { banner } from './body/banner.js';
import { candidates } from './body/candidates.js';
import { diagnosis } from './body/diagnosis.js';
import { files } from './body/files.js';
import { footer, relaxations } from './body/footer.js';
import { howToStop, nextSection } from './body/next.js';
import { rules } from './body/rules.js';
import { paragraphs, type BodyFacts, type BodyLimits, type Section } from './body/section.js';
import { versions } from './body/versions.js';
import { shortRevision } from './body/words.js';
import { whatHappened } from './body/what-happened.js';

/** The body, in reading order. `essential` parts are never cut. */
const SECTIONS: readonly { readonly write: Section; readonly essential: boolean }[] = [
  { write: banner, essential: true },
  { write: whatHappened, essential: true },
  { write: versions, essential: false },
  { write: nextSection, essential: true },
  { write: howToStop, essential: true },
  { write: candidates, essential: false },
  { write: files, essential: false },
  { write: rules, essential: false },
  { write: diagnosis, essential: false },
  { write: relaxations, essential: true },
  { write: footer, essential: true },
];

/** GitHub refuses bodies over 65,536 characters. */
export const MAX_BODY_LENGTH = 60_000;
/** Tried in order until the whole fits: long texts are shortened before rows are dropped. */
const LIMITS: readonly BodyLimits[] = [
  { text: 400, rows: 50 },
  { text: 160, rows: 30 },
  { text: 80, rows: 10 },
];
const CUT = '*The evidence is too long to be shown here; `ai-operator describe attempt` shows all of it.*';

/**
 * `Rollback <application> (<environment>): <bad> to <good>`, of `[A-Za-z0-9._/-]` where it is foreign: titles end up in commit
 * messages, branch rules and shells.
 */
export function pullRequestTitle(view: AttemptView): string {
  const bad = plainWord(view.bad.revisions.map(shortRevision).join('-'), 40);
  const good = view.candidate === undefined ? '' : ` to ${plainWord(shortRevision(view.candidate.revision), 40)}`;
  return `Rollback ${plainWord(view.application, 130)} (${view.environment}): ${bad}${good}`;
}
const plainWord = (text: string, maxLength: number): string =>
  text.replaceAll(/[^A-Za-z0-9._/-]+/g, '-').slice(0, maxLength) || 'unknown';

/**
 * The pull request's body from the one view of its attempt: proposal, waiting, outcome report. Pure; at most 60,000
 * characters; foreign text is inert (`escape-markdown.ts`). Ends with a marker that `attemptInBody` reads.
 */
export function pullRequestBody(view: AttemptView, facts: BodyFacts): string {
  for (const limits of LIMITS) {
    const body = paragraphs(...SECTIONS.map((s) => s.write(view, facts, limits)));
    if (body.length <= MAX_BODY_LENGTH) return body;
  }
  const least = LIMITS.at(-1) ?? { text: 80, rows: 10 };
  const essential = SECTIONS.filter((s) => s.essential).map((s) => s.write(view, facts, least));
  return paragraphs(...essential.slice(0, -1), CUT, essential.at(-1));
}
