import { cleanLine } from '../../base/clean-text.js';
import type { AttemptView } from '../../model/attempt-view.js';
import type { AttemptEnding, Ending } from './ending.js';
import type { GitSaying } from './git-facts.js';
import { labelledLines } from './heading-text.js';
import { shortName } from './operator-story.js';
import type { Terminal } from './terminal.js';
import { cutLine, wrapLine } from './wrap-line.js';

const DETAILED = 3;

/** What stands below the rail. Pure. */
export function endingText(ending: Ending, terminal: Terminal): string {
  const { repositoryDirectory, log, attempts, audit } = ending;
  const title = (text: string): string => terminal.paint('bold', text);
  const detailed = detailedOf(attempts);
  const rest = attempts.filter((attempt) => !detailed.includes(attempt));
  return [
    '',
    title('Git'),
    ...labelledLines('in', repositoryDirectory, terminal),
    ...sayingLines(log, terminal),
    ...detailed.flatMap((attempt) => attemptLines(attempt, terminal)),
    ...restLines(rest, detailed.length > 0, terminal),
    ...(attempts.length === 0 ? ['', title('No rollback was attempted')] : []),
    '',
    title('Audit log'),
    ...labelledLines('at', audit.directory, terminal),
    ...audit.statement
      .split('\n')
      .flatMap((line, index) => labelledLines(index === 0 ? 'verified' : '', line, terminal)),
    '',
    ...verdictLines(ending, terminal),
  ].join('\n');
}

/** Everything about a few; of many only those that came to a pull request. */
function detailedOf(attempts: readonly AttemptEnding[]): readonly AttemptEnding[] {
  return (attempts.length <= DETAILED ? attempts : attempts.filter(({ pull }) => pull !== undefined)).slice(
    0,
    DETAILED,
  );
}

function attemptLines({ view, pull, undone, left }: AttemptEnding, terminal: Terminal): readonly string[] {
  const say = (label: string, text: string | undefined): readonly string[] =>
    text === undefined ? [] : labelledLines(label, text, terminal);
  const state = pull === undefined ? undefined : pull.merged ? `merged by ${pull.mergedBy ?? 'somebody'}` : pull.state;
  const files = view.merge === undefined ? [] : (view.pullRequest?.files ?? []);
  return [
    ...(undone === undefined ? [] : ['', ...sayingLines(undone, terminal)]),
    ...(left === undefined
      ? []
      : ['', ...sayingLines(left, terminal, 'nothing differs: the files are those of the good version')]),
    '',
    terminal.paint('bold', `Rollback of ${shortName(view.application)}`),
    ...say('pull request', pull === undefined ? undefined : `#${pull.number} ${pull.title}`),
    ...say('', state),
    ...say('from', view.bad.revisions.map((revision) => revision.slice(0, 10)).join(', ')),
    ...say('to', view.candidate?.revision.slice(0, 10)),
    ...files.flatMap((file, index) => say(index === 0 ? 'restored' : '', file.path)),
    ...say('barred by', view.barredBy.length === 0 || view.end !== undefined ? undefined : view.barredBy.join(', ')),
    ...endLines(view, terminal),
  ];
}

/** How an attempt ended, or where it stands. */
function endLines(view: AttemptView, terminal: Terminal): readonly string[] {
  const { end, state, step, next } = view;
  if (end === undefined) return labelledLines('now', `${state} / ${step ?? ''}: ${next.text}`, terminal);
  if (end.kind === 'aborted')
    return [
      ...labelledLines('ended', `${end.reason}: ${end.meaning}`, terminal),
      ...labelledLines('', end.why, terminal),
    ];
  const seconds = (end.timeToRecoveryMs / 1000).toFixed(1);
  return labelledLines('recovery', `${seconds} s from Degraded to healthy`, terminal);
}

function restLines(attempts: readonly AttemptEnding[], further: boolean, terminal: Terminal): readonly string[] {
  if (attempts.length === 0) return [];
  const counts = new Map<string, number>();
  for (const { view } of attempts) {
    const words = [
      view.state,
      view.end?.kind === 'aborted' ? view.end.reason : view.end === undefined ? view.step : undefined,
    ]
      .filter((word) => word !== undefined)
      .join(' / ');
    counts.set(words, (counts.get(words) ?? 0) + 1);
  }
  return [
    '',
    terminal.paint('bold', `${attempts.length}${further ? ' further' : ''} attempts`),
    ...[...counts].map(([words, count]) => `  ${String(count).padStart(3)}  ${words}`),
  ];
}

function sayingLines({ command, output }: GitSaying, terminal: Terminal, ifEmpty = 'nothing'): readonly string[] {
  const width = terminal.width - 2;
  const shown =
    output === ''
      ? wrapLine(`(${ifEmpty})`, width).map((line) => `  ${terminal.paint('green', line)}`)
      : output.split('\n').map((line) => `  ${cutLine(line.trimEnd(), width, terminal)}`);
  return [...wrapLine(`$ ${command}`, width).map((line) => terminal.paint('dim', `  ${line}`)), ...shown];
}

function verdictLines(
  { scenario, speed, unmet, lastLines, applications }: Ending,
  terminal: Terminal,
): readonly string[] {
  const note = wrapLine(`Waits were divided by ${speed}: in real life it takes longer.`, terminal.width);
  const ill = applications.filter(({ health, sync }) => health !== 'Healthy' || sync !== 'Synced');
  const world =
    ill.length === 0
      ? 'Every application is Healthy and Synced.'
      : ill
          .slice(0, 5)
          .map((app) => `${app.name} is ${app.health} and ${app.sync}.`)
          .join(' ');
  if (unmet.length === 0) {
    const words = `Everything ${scenario} expects is so.`;
    return [
      ...wrapLine(words, terminal.width).map((line) => terminal.paint('green', line)),
      ...wrapLine(world, terminal.width),
      ...note,
    ];
  }
  return [
    terminal.paint('red', `${scenario} did not end as expected:`),
    ...unmet.flatMap((one) => wrapLine(`- ${one}`, terminal.width - 2).map((line) => `  ${line}`)),
    ...wrapLine(world, terminal.width),
    ...note,
    '',
    terminal.paint('bold', "The last lines of the operator's log"),
    ...lastLines.map((line) => `  ${cleanLine(line, 600)}`),
  ];
}

/** What `--keep` prints. */
export interface KeptAddresses {
  readonly api: string;
  readonly health: string;
  readonly github: string;
  readonly githubTokenFile: string;
  readonly repository: string;
  readonly auditDirectory: string;
  /** How the program is started from here: `node dist/main.js`. */
  readonly program: string;
  /** The application to ask about. */
  readonly application: string;
}

/** Where to look around while everything stays up. Commands are not wrapped: they are there to be copied. */
export function keptText(kept: KeptAddresses, terminal: Terminal): string {
  const { api, health, program, application, repository, auditDirectory, github, githubTokenFile } = kept;
  return [
    '',
    terminal.paint('bold', 'Still up, until Ctrl-C'),
    ...labelledLines('API', `${api}/api/v1/attempts`, terminal),
    ...labelledLines('metrics', `${health}/metrics`, terminal),
    ...labelledLines('GitHub', `${github} (token in ${githubTokenFile})`, terminal),
    ...labelledLines('repository', repository, terminal),
    '',
    `  ${program} get apps --server ${api}`,
    `  ${program} explain ${application} --server ${api}`,
    `  ${program} describe attempt ${application} --server ${api}`,
    `  ${program} audit show --directory ${auditDirectory}`,
    `  git -C ${repository} log --graph --stat`,
    '',
  ].join('\n');
}
