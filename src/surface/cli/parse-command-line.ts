import { parseArgs } from 'node:util';
import type { Command } from './command.js';
import { COMMANDS } from './command-table.js';
import { nearest } from './nearest.js';
import { OPTIONS, OUTPUTS, type OptionName, type OptionRow, type OptionValues, type Output } from './options.js';

export type ParsedCommandLine =
  | {
      readonly kind: 'command';
      readonly command: Command;
      readonly arguments: readonly string[];
      readonly options: OptionValues;
      readonly output: Output;
    }
  | { readonly kind: 'help'; readonly command?: Command }
  | { readonly kind: 'usage'; readonly message: string };

const usage = (message: string): ParsedCommandLine => ({ kind: 'usage', message });
const OPTION_NAMES = Object.keys(OPTIONS) as readonly OptionName[];
const PARSE_OPTIONS = Object.fromEntries(
  OPTION_NAMES.map((name) => {
    const row: OptionRow = OPTIONS[name];
    return [name, { type: row.type, ...(row.short === undefined ? {} : { short: row.short }) }];
  }),
);

/** What the arguments after the program's name ask for. Never throws. Without a command it is `run`. */
export function parseCommandLine(argv: readonly string[]): ParsedCommandLine {
  let values: OptionValues;
  let words: readonly string[];
  try {
    const parsed = parseArgs({ args: [...argv], options: PARSE_OPTIONS, allowPositionals: true, strict: true });
    values = parsed.values as OptionValues;
    words = parsed.positionals;
  } catch (error) {
    return usage(optionFault(error, argv));
  }
  if (values.version === true && words.length === 0) words = ['version'];
  if (words[0] === 'help') return helpFor(words.slice(1));
  const command = findCommand(words);
  if (values.help === true)
    return command === undefined || words.length === 0 ? helpFor(words) : { kind: 'help', command };
  if (command === undefined) return usage(unknownCommand(words));
  return check(command, words.slice(words.length === 0 ? 0 : command.name.split(' ').length), values);
}

/** No words mean `run`. */
function findCommand(words: readonly string[]): Command | undefined {
  const typed = words.length === 0 ? ['run'] : words;
  return COMMANDS.find((c) => c.name === typed.slice(0, c.name.split(' ').length).join(' '));
}

function check(command: Command, args: readonly string[], values: OptionValues): ParsedCommandLine {
  const { name } = command;
  const needed = command.arguments.filter((a) => !a.startsWith('['));
  if (args.length < needed.length) return usage(`${name} needs ${needed.slice(args.length).join(' and ')}`);
  if (args.length > command.arguments.length)
    return usage(`${name} does not take ${JSON.stringify(args[command.arguments.length])}`);
  if (args.includes('')) return usage(`${name} was given an empty argument`);
  const foreign = OPTION_NAMES.find(
    (o) => values[o] !== undefined && o !== 'help' && o !== 'version' && !command.options.includes(o),
  );
  if (foreign !== undefined) return usage(`${name} does not take --${foreign}`);
  const missing = command.needs?.find((o) => values[o] === undefined);
  if (missing !== undefined) return usage(`${name} needs --${missing}: ${OPTIONS[missing].help}`);
  const empty = OPTION_NAMES.find((o) => values[o] === '');
  if (empty !== undefined) return usage(`--${empty} is empty`);
  const output = OUTPUTS.find((o) => o === (values.output ?? 'table'));
  if (output === undefined)
    return usage(`--output is one of ${OUTPUTS.join(', ')}, not ${JSON.stringify(values.output)}`);
  return { kind: 'command', command, arguments: args, options: values, output };
}

function helpFor(words: readonly string[]): ParsedCommandLine {
  if (words.length === 0) return { kind: 'help' };
  const command = findCommand(words);
  return command === undefined ? usage(unknownCommand(words)) : { kind: 'help', command };
}

function unknownCommand(words: readonly string[]): string {
  const [group] = words;
  const inGroup = COMMANDS.filter((c) => c.name.startsWith(`${group} `)).map((c) =>
    c.name.slice((group?.length ?? 0) + 1),
  );
  if (inGroup.length > 0) return `${group} needs one of: ${inGroup.join(', ')}`;
  const meant =
    nearest(
      words.slice(0, 2).join(' '),
      COMMANDS.map((c) => c.name),
    ) ??
    nearest(
      group ?? '',
      COMMANDS.map((c) => c.name),
    );
  return `there is no command ${JSON.stringify(group)}${meant === undefined ? '' : `; did you mean ${JSON.stringify(meant)}?`}`;
}

function optionFault(error: unknown, argv: readonly string[]): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    const given = argv.find((a) => a.startsWith('-') && !isKnown(a)) ?? '';
    const meant = nearest(given.replace(/=.*/s, '').replace(/^-+/, ''), OPTION_NAMES);
    return `there is no option ${JSON.stringify(given)}${meant === undefined ? '' : `; did you mean --${meant}?`}`;
  }
  return error instanceof Error ? error.message : String(error);
}
const isKnown = (argument: string): boolean =>
  OPTION_NAMES.some((name) => {
    const row: OptionRow = OPTIONS[name];
    return (
      argument === `--${name}` ||
      argument.startsWith(`--${name}=`) ||
      (row.short !== undefined && argument.startsWith(`-${row.short}`) && !argument.startsWith('--'))
    );
  });
