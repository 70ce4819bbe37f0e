import { cleanLine } from '../../base/clean-text.js';
import { ago, duration, utc, when } from '../../base/time-words.js';
import type { AttemptView } from '../../model/attempt-view.js';
import type { RuleResult, Verdict } from '../../model/rule-result.js';
import {
  BASIS_WORDS,
  CI_WORDS,
  isPeacefulEnd,
  shortRevision,
  uptimeWords,
  verdictWords,
} from '../../stages/4-proposal/body/words.js';
import type { Colour, Paint } from './paint.js';
import { labelled, table, wrap, type Cell } from './table.js';

type Part = (view: AttemptView, now: number, paint: Paint) => string | undefined;
/** `describe attempt`, in reading order: the same facts as the pull request. */
const PARTS: readonly Part[] = [head, end, whatNext, versions, pullRequest, candidates, files, pods, rules, howToStop];

/** One attempt for a terminal. */
export const attemptText: (view: AttemptView, now: number, paint: Paint) => string = (view, now, paint) =>
  PARTS.map((part) => part(view, now, paint))
    .filter((t) => t !== undefined && t !== '')
    .join('\n\n');

const titled = (title: string, body: string, paint: Paint, colour: Colour = 'bold'): string =>
  `${paint(colour, cleanLine(title))}\n${body}`;

function head(view: AttemptView, now: number, paint: Paint): string {
  const { confirmation } = view;
  const last = confirmation.at(-1);
  return labelled(
    [
      ['Attempt', view.id],
      ['Application', `${view.application} (${view.environment}, project ${view.project})`],
      [
        'State',
        `${view.state}${view.step === undefined || view.end !== undefined ? '' : `/${view.step}`}, since ${when(view.enteredAt, now)}`,
      ],
      [
        'Mode',
        view.modeLoweredBy.length === 0 ? view.mode : `${view.mode}, lowered by ${view.modeLoweredBy.join(', ')}`,
      ],
      ['Relaxed', view.relaxations.join(', ')],
      ['Only proposed', view.proposeOnly.join('; ')],
      ['Degraded', when(view.onset, now)],
      [
        'Confirmed',
        last === undefined ? 'not yet' : `by ${confirmation.length} checks in a row, the last ${when(last.at, now)}`,
      ],
      [
        'Stop',
        view.stop === undefined
          ? undefined
          : `by ${view.stop.by} via ${view.stop.via}, ${when(view.stop.at, now)}: ${view.stop.why}`,
      ],
      ['Repeats', view.retryOf],
    ],
    paint,
  );
}

function end(view: AttemptView, now: number, paint: Paint): string | undefined {
  if (view.end === undefined) return undefined;
  if (view.end.kind === 'complete') {
    return titled(
      'Recovered',
      `  Healthy without a break since ${when(view.end.recoveredAt, now)}.\n  From Degraded to healthy: ${duration(view.end.timeToRecoveryMs)}.`,
      paint,
      'green',
    );
  }
  const peaceful = isPeacefulEnd(view.end.reason);
  const stood = view.step === undefined ? '' : ` It stood at ${view.step}.`;
  return titled(
    `${peaceful ? 'Ended' : 'Ended without recovery'}: ${view.end.reason}`,
    [
      wrap(`${view.end.meaning}.${stood}`, '  '),
      wrap(view.end.why, '  '),
      ...(view.scorecard === undefined ? [] : [wrap(`Scorecard: ${view.scorecard}`, '  ')]),
    ].join('\n'),
    paint,
    peaceful ? 'bold' : 'red',
  );
}

function whatNext(view: AttemptView, now: number, paint: Paint): string {
  const { text, until, otherwise } = view.next;
  const deadline =
    until === undefined ? [] : [wrap(`At the latest ${when(until, now)}; otherwise ${otherwise ?? 'it ends'}.`, '  ')];
  return titled('What happens next', [wrap(text, '  '), ...deadline].join('\n'), paint);
}

function versions({ bad, candidate, target }: AttemptView, now: number, paint: Paint): string {
  const from = bad.revisions.map(shortRevision).join(', ') || 'unknown';
  return titled(
    'Rollback',
    labelled(
      [
        ['from', bad.deployedAt === undefined ? from : `${from}, deployed ${when(bad.deployedAt, now)}`],
        [
          'to',
          candidate === undefined
            ? 'not chosen yet'
            : `${shortRevision(candidate.revision)}, ran here ${utc(candidate.deployedAt)} to ${utc(candidate.stoppedAt)}`,
        ],
        [
          'because',
          candidate === undefined
            ? undefined
            : `${BASIS_WORDS[candidate.basis]}: ${uptimeWords(candidate.uptime)}; checks ${CI_WORDS[candidate.ci]}`,
        ],
        ['passed over', candidate === undefined ? undefined : String(candidate.passedOver)],
        [
          'in',
          target === undefined
            ? undefined
            : `${target.owner}/${target.repository}, branch ${target.branch}, path ${target.path}`,
        ],
      ],
      paint,
      '  ',
    ),
    paint,
  );
}

function pullRequest(
  { pullRequest: pr, plan, merge, end: ended }: AttemptView,
  now: number,
  paint: Paint,
): string | undefined {
  if (pr === undefined && merge === undefined && plan === undefined) return undefined;
  return titled(
    'Pull request',
    labelled(
      [
        ['address', pr?.url],
        ['branch', pr?.branch ?? plan?.branch],
        ['head', pr === undefined ? undefined : shortRevision(pr.headSha)],
        ['opened', openedText(pr, plan !== undefined, ended !== undefined, now)],
        [
          'undoes',
          pr === undefined
            ? undefined
            : `${pr.droppedCommits} ${pr.droppedCommits === 1 ? 'commit' : 'commits'} on these files`,
        ],
        [
          'merged',
          merge === undefined
            ? undefined
            : `#${merge.pullRequest} as ${shortRevision(merge.commit)} by ${merge.login ?? merge.by}, ${when(merge.at, now)}`,
        ],
      ],
      paint,
      '  ',
    ),
    paint,
  );
}

function openedText(
  pr: AttemptView['pullRequest'],
  isPlanned: boolean,
  hasEnded: boolean,
  now: number,
): string | undefined {
  if (pr !== undefined) return `${when(pr.openedAt, now)}${pr.provenance === 'adopted' ? ', found and adopted' : ''}`;
  if (!isPlanned) return undefined;
  return hasEnded ? 'no' : 'not yet';
}

function candidates(view: AttemptView, now: number, paint: Paint): string | undefined {
  if (view.table.length === 0) return undefined;
  const rows = view.table.map((row): Cell[] => {
    const words = verdictWords(row.verdict);
    const verdict: Cell = row.verdict.kind === 'chosen' ? { text: words, colour: 'green' } : words;
    return [
      `  ${shortRevision(row.revision)}`,
      ago(row.deployedAt, now),
      uptimeWords(row.uptime),
      CI_WORDS[row.ci],
      verdict,
    ];
  });
  return titled(
    'Candidates',
    indented(table(['VERSION', 'DEPLOYED', 'METRICS', 'CHECKS', 'VERDICT'], rows, paint)),
    paint,
  );
}

function files(view: AttemptView, _now: number, paint: Paint): string | undefined {
  const change = view.pullRequest ?? view.plan;
  if (change === undefined) return undefined;
  const lines = change.files.map((f) => `  ${f.change.padEnd(8)} ${cleanLine(f.path)}`);
  const would =
    view.end !== undefined && view.pullRequest === undefined ? 'Files that would have changed' : 'Files that change';
  return titled(`${would} (${change.files.length})`, lines.join('\n'), paint);
}

function pods({ diagnosis }: AttemptView, _now: number, paint: Paint): string | undefined {
  if (diagnosis.length === 0) return undefined;
  const rows = diagnosis.map((t) => [
    t.pod,
    t.container,
    t.reason,
    t.exitCode === undefined ? '' : String(t.exitCode),
    String(t.restarts),
    cleanLine(t.message, 120),
  ]);
  return titled(
    'What the pods say',
    indented(table(['POD', 'CONTAINER', 'REASON', 'EXIT', 'RESTARTS', 'MESSAGE'], rows, paint)),
    paint,
  );
}

const VERDICTS: Readonly<Record<Verdict, readonly [text: string, colour: Colour]>> = {
  pass: ['holds', 'green'],
  fail: ['FAILS', 'red'],
  unknown: ['UNKNOWN', 'yellow'],
};
function rules({ evaluation }: AttemptView, now: number, paint: Paint): string | undefined {
  if (evaluation === undefined) return undefined;
  const all = [...evaluation.invariants, ...evaluation.guards];
  return titled(
    `Invariants and guards (on ${shortRevision(evaluation.headSha)}, ${when(evaluation.pinnedAt, now)})`,
    all.map((r) => ruleText(r, now, paint)).join('\n'),
    paint,
  );
}
function ruleText(r: RuleResult, now: number, paint: Paint): string {
  const [word, colour] = VERDICTS[r.verdict];
  const first = `  ${paint(colour, word)}${' '.repeat(8 - word.length)} ${r.id.padEnd(21)} ${cleanLine(r.value)} (${cleanLine(r.source)}, ${ago(r.readAt, now)})`;
  return r.verdict === 'pass' ? first : `${first}\n${wrap(r.reason, ' '.repeat(11))}`;
}

function howToStop(view: AttemptView, _now: number, paint: Paint): string | undefined {
  if (view.end !== undefined) return undefined;
  if (view.state === 'RollbackMerged')
    return titled('To stop it', '  It is merged: too late to abort. To undo it, revert the pull request.', paint);
  const ways = [`ai-operator abort ${view.id.slice(0, 8)} --reason "..."`];
  if (view.pullRequest !== undefined && view.merge === undefined) {
    ways.push('close the pull request (a veto), comment /abort, or label it ai-operator:hold');
  }
  return titled('To stop it', ways.map((w) => `  ${w}`).join('\n'), paint);
}

const indented = (text: string): string =>
  text
    .split('\n')
    .map((l) => (l.startsWith('  ') ? l : `  ${l}`))
    .join('\n');
