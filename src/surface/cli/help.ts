import type { Command } from './command.js';
import { COMMANDS } from './command-table.js';
import { OPTIONS, type OptionName, type OptionRow } from './options.js';
import type { Paint } from './paint.js';
import { wrap } from './table.js';

const usageOf = (c: Command): string =>
  ['ai-operator', c.name, ...c.arguments, ...(c.needs ?? []).map(optionText)].join(' ');
function optionText(name: OptionName): string {
  const row: OptionRow = OPTIONS[name];
  return row.value === undefined ? `--${name}` : `--${name} ${row.value}`;
}

/** `ai-operator help`. */
export function generalHelp(paint: Paint): string {
  const heads = COMMANDS.map((c) => [c.name, ...c.arguments].join(' '));
  const width = Math.max(...heads.map((h) => h.length));
  return [
    'AI DevOps Operator: rolls a bad deploy back in git, by a pull request, under eight invariants.',
    '',
    paint('bold', 'Usage'),
    '  ai-operator --config FILE            run the operator',
    '  ai-operator COMMAND [ARGUMENTS] [OPTIONS]',
    '  ai-operator help COMMAND',
    '',
    paint('bold', 'Commands'),
    ...COMMANDS.map((c, i) => `  ${(heads[i] ?? '').padEnd(width)}  ${c.summary}`),
    '',
    paint('bold', 'In an emergency'),
    '  ai-operator kill --reason "..."          start nothing new, anywhere',
    '  ai-operator abort ID --reason "..."      stop one rollback',
    '  Closing a rollback pull request is a veto; no access to the operator is needed.',
    '',
    paint('bold', 'Exit codes'),
    '  0 ok   1 error   2 usage or configuration   3 condition not met   4 refused by a rule',
  ].join('\n');
}

/** `ai-operator help COMMAND`. */
export function commandHelp(command: Command, paint: Paint): string {
  const options = command.options.map((name) => {
    const row: OptionRow = OPTIONS[name];
    const short = row.short === undefined ? '    ' : `-${row.short}, `;
    return [`  ${short}${optionText(name)}`, wrap(row.help, '        ')].join('\n');
  });
  return [
    `${usageOf(command)}${command.options.length > (command.needs?.length ?? 0) ? ' [OPTIONS]' : ''}`,
    '',
    wrap(`${command.summary.charAt(0).toUpperCase()}${command.summary.slice(1)}.`, '  '),
    wrap(command.help, '  '),
    ...(options.length === 0 ? [] : ['', paint('bold', 'Options'), ...options]),
    '',
    paint('bold', command.examples.length === 1 ? 'Example' : 'Examples'),
    ...command.examples.map((e) => `  ${e}`),
  ].join('\n');
}
