import { cleanLine } from '../../base/clean-text.js';
import { formatDuration } from '../../base/written-duration.js';
import { DEFAULT_TIMING } from '../../model/timing.js';
import type { JsonObject } from '../json-path.js';
import { isJsonObject } from '../json-path.js';
import type { Scenario } from '../scenario.js';
import type { Terminal } from './terminal.js';
import { wrapLine } from './wrap-line.js';

const LABEL_WIDTH = 14;
const ROOMY = 50;
/** What is waited for in an ordinary run; the rest is in the file. */
const SHOWN = [
  'HEALTH_CHECK_INTERVAL',
  'HEALTH_RESTORATION_DURATION',
  'ciSettleWindow',
  'CI_WAIT_TIMEOUT',
  'MERGE_APPROVAL_TIMEOUT',
] as const;

/** `Label     text`, the text wrapped beside it. */
export function labelledLines(label: string, text: string, terminal: Terminal): readonly string[] {
  const roomy = terminal.width >= ROOMY;
  const margin = roomy ? LABEL_WIDTH : 2;
  const lines = wrapLine(text, terminal.width - margin);
  if (!roomy)
    return [terminal.paint('dim', label), ...lines.map((line) => `  ${line}`)].filter((line) => line.trim() !== '');
  return lines.map((line, index) => `${terminal.paint('dim', (index === 0 ? label : '').padEnd(LABEL_WIDTH))}${line}`);
}

/** What stands above the rail. */
export interface Heading {
  readonly scenario: Pick<Scenario, 'name' | 'title'>;
  readonly speed: number;
  /** What was asked for; a scenario may not go that fast. */
  readonly askedSpeed: number;
  /** The document in the operator's configuration file. */
  readonly configuration: JsonObject;
  /** How the operator is started. */
  readonly command: string;
}

/** Pure. */
export function headingText(heading: Heading, terminal: Terminal): string {
  const { scenario, speed, askedSpeed, configuration, command } = heading;
  const say = (label: string, text: string): readonly string[] => labelledLines(label, text, terminal);
  return [
    terminal.paint('bold', `${scenario.name}: ${scenario.title}`),
    '',
    ...say(
      'Around it',
      'Argo CD, GitHub, Kubernetes and Prometheus, played by servers on this machine over a real git repository',
    ),
    ...say('Operator', command),
    ...say(
      'Its timing',
      `divided by ${speed}${speed === askedSpeed ? '' : ' (this scenario runs no faster)'}, and so are the waits of the world; windows over the past are not`,
    ),
    ...timingLines(configuration, terminal),
    '',
    ...wrapLine('Times count from Degraded, as Argo CD writes it: in whole seconds.', terminal.width).map((line) =>
      terminal.paint('dim', line),
    ),
    '',
  ].join('\n');
}

function timingLines({ timing }: JsonObject, terminal: Terminal): readonly string[] {
  if (!isJsonObject(timing)) return [];
  const margin = ' '.repeat(terminal.width >= ROOMY ? LABEL_WIDTH : 2);
  const width = Math.max(...SHOWN.map((name) => name.length));
  return SHOWN.flatMap((name) => {
    const value = timing[name];
    if (typeof value !== 'string') return [];
    const was = terminal.width >= ROOMY ? terminal.paint('dim', `  was ${formatDuration(DEFAULT_TIMING[name])}`) : '';
    return [`${margin}  ${name.padEnd(width)}  ${was === '' ? value : value.padEnd(6)}${was}`];
  });
}

/** What `--list` prints: for each its name, its title, and what it needs, a line each. */
export function listText(
  scenarios: readonly Pick<Scenario, 'name' | 'title' | 'preconditions'>[],
  terminal: Terminal,
): string {
  const width = terminal.width - 2;
  return scenarios
    .map(({ name, title, preconditions }) => {
      const needs =
        preconditions.length === 0
          ? []
          : [`  ${terminal.paint('dim', cleanLine(`Needs: ${preconditions.join(' ')}`, width))}`];
      return [terminal.paint('bold', name), ...wrapLine(title, width).map((line) => `  ${line}`), ...needs].join('\n');
    })
    .join('\n');
}
