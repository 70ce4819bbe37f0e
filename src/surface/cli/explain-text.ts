import { cleanLine } from '../../base/clean-text.js';
import { ago, when } from '../../base/time-words.js';
import { shortRevision } from '../../stages/4-proposal/body/words.js';
import type { Explanation, MarkView, Outlook, RuleForecast } from '../explanation.js';
import type { Colour, Paint } from './paint.js';
import { labelled, wrap } from './table.js';

type Part = (e: Explanation, paint: Paint) => string | undefined;
const PARTS: readonly Part[] = [headline, standing, attempt, holds, change, forecast];

/** `explain APP`: is it being rolled back, why not, and what would change that. */
export const explainText: (e: Explanation, paint: Paint) => string = (e, paint) =>
  PARTS.map((part) => part(e, paint))
    .filter((t) => t !== undefined && t !== '')
    .join('\n\n');

const titled = (title: string, lines: readonly string[], paint: Paint): string =>
  [paint('bold', cleanLine(title)), ...lines].join('\n');

function headline({ application, eligibility }: Explanation, paint: Paint): string {
  const [answer, colour]: readonly [string, Colour] =
    eligibility.code === 'eligible'
      ? ['a rollback is about to start', 'yellow']
      : eligibility.code === 'active-attempt'
        ? ['a rollback is under way', 'yellow']
        : [`no rollback now (${eligibility.code})`, 'bold'];
  return `${paint('bold', cleanLine(application))}: ${paint(colour, answer)}\n${wrap(eligibility.text, '  ')}`;
}

function standing(e: Explanation, paint: Paint): string {
  const { health, mode, management } = e;
  const seen = health.seenAt === undefined ? 'never looked at' : `seen ${ago(health.seenAt, e.at)}`;
  const since = health.since === undefined ? '' : ` since ${when(health.since, e.at)}`;
  const lowered =
    mode.loweredBy.length === 0 ? '' : ` (configured: ${mode.configured}; lowered by ${mode.loweredBy.join(', ')})`;
  return labelled(
    [
      [
        'Managed',
        management.kind === 'managed'
          ? `${management.environment}, by ${management.matchedBy}`
          : `no: ${management.why}`,
      ],
      ['Project', e.project],
      ['Mode', `${mode.effective}${lowered}`],
      ['Health', `${health.status}${since}, ${seen}`],
      ['Unknown because', health.unknownBecause],
      ['Runs', health.revisions.map(shortRevision).join(', ')],
    ],
    paint,
  );
}

function attempt({ activeAttempt: a, at }: Explanation, paint: Paint): string | undefined {
  if (a === undefined) return undefined;
  const deadline =
    a.next.until === undefined
      ? []
      : [wrap(`At the latest ${when(a.next.until, at)}; otherwise ${a.next.otherwise ?? 'it ends'}.`, '  ')];
  const stands = a.step === undefined ? a.state : `${a.state}/${a.step}`;
  return titled(
    `Attempt ${a.id}`,
    [`  ${stands}`, wrap(a.next.text, '  '), ...deadline, `  More: ai-operator describe attempt ${a.id.slice(0, 8)}`],
    paint,
  );
}

const MARK_WORDS: Readonly<Record<MarkView['kind'], string>> = {
  latch: 'already tried',
  quarantine: 'in quarantine: at most propose if it comes back',
  restoration: 'put here by a rollback: never rolled back by itself',
};
function holds({ marks, pauses, at }: Explanation, paint: Paint): string | undefined {
  const lines = [
    ...pauses.map((p) =>
      wrap(
        `${p.kill ? 'Kill switch' : p.scope === 'operator' ? 'Everything paused' : 'Paused'} by ${p.by} ${ago(p.at, at)}: ${p.why}`,
        '  ',
      ),
    ),
    ...marks.map((m) =>
      wrap(
        `${m.revisions.map(shortRevision).join(', ')}${m.current ? ' (runs now)' : ''}: ${MARK_WORDS[m.kind]}; ${m.reason}; attempt ${m.attempt.slice(0, 8)}, ends ${ago(m.until, at)}`,
        '  ',
      ),
    ),
  ];
  return lines.length === 0 ? undefined : titled('What holds it back', lines, paint);
}

function change({ whatWouldChange }: Explanation, paint: Paint): string | undefined {
  if (whatWouldChange.length === 0) return undefined;
  return titled(
    'What would change this',
    whatWouldChange.map((w) => `  - ${wrap(w, '    ').trimStart()}`),
    paint,
  );
}

const OUTLOOKS: Readonly<Record<Outlook, readonly [text: string, colour: Colour]>> = {
  holds: ['would hold', 'green'],
  'cannot-hold': ['CANNOT HOLD', 'red'],
  unknown: ['unknown', 'yellow'],
  'at-merge': ['at the merge', 'dim'],
};
function forecast({ forecast: rules, at }: Explanation, paint: Paint): string | undefined {
  if (rules.length === 0) return undefined;
  const bars = rules.filter((r) => r.outlook === 'cannot-hold').length;
  const title =
    bars === 0
      ? 'If it degraded now: no rule is known to bar a merge by the operator'
      : `If it degraded now: ${bars} of ${rules.length} rules would bar a merge by the operator`;
  return titled(
    title,
    rules.map((r) => forecastText(r, at, paint)),
    paint,
  );
}
function forecastText(r: RuleForecast, at: number, paint: Paint): string {
  const [word, colour] = OUTLOOKS[r.outlook];
  const seen = r.seenAt === undefined ? '' : ` (seen ${ago(r.seenAt, at)})`;
  const relaxed = r.relaxedBy === undefined ? [] : [wrap(`Relaxed by ${r.relaxedBy}`, ' '.repeat(17))];
  return [
    `  ${paint(colour, word)}${' '.repeat(Math.max(1, 15 - word.length))}${r.id}`,
    wrap(`${r.why}${seen}`, ' '.repeat(17)),
    ...relaxed,
  ].join('\n');
}
