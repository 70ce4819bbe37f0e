import { stringify } from 'yaml';
import type { CommandContext } from './command.js';

/** Prints a value: as JSON or YAML just as the API gave it, else the text made for people. */
export function print(context: Pick<CommandContext, 'output' | 'io'>, value: unknown, text: () => string): void {
  switch (context.output) {
    case 'json':
      context.io.out(JSON.stringify(value, undefined, 2));
      return;
    case 'yaml':
      context.io.out(stringify(value, { aliasDuplicateObjects: false }).trimEnd());
      return;
    case 'table':
      context.io.out(text());
  }
}
