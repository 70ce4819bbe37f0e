import { OperatorError } from '../base/errors.js';
import { redactText } from '../base/redact.js';

/** A key, or an entry of a list: `['repositories', 0, 'url']`. */
export type KeyPath = readonly (string | number)[];

/** `repositories[0].url`. */
export const written = (path: KeyPath): string =>
  path.map((step, i) => (typeof step === 'number' ? `[${step}]` : `${i === 0 ? '' : '.'}${step}`)).join('');

/** Where a value came from, or where a missing one belongs. */
export type Place =
  | { readonly kind: 'file'; readonly file: string; readonly line: number; readonly column: number }
  | { readonly kind: 'variable'; readonly variable: string }
  | { readonly kind: 'flag'; readonly flag: string }
  | { readonly kind: 'nowhere' };

/** One thing that is wrong, and what to write instead. */
export interface Fault {
  readonly path: KeyPath;
  readonly place: Place;
  readonly message: string;
}

/** What people read: `prod.yaml:12:3`, `AI_OPERATOR_HTTP__PORT`, `--log-level`. */
export function placeText(place: Place): string {
  switch (place.kind) {
    case 'file':
      return `${place.file}:${place.line}:${place.column}`;
    case 'variable':
      return place.variable;
    case 'flag':
      return place.flag;
    case 'nowhere':
      return 'configuration';
  }
}

/** `CONFIG_INVALID`: every fault of the configuration in one message, in the order of the file, secrets redacted. */
export class ConfigError extends OperatorError {
  constructor(readonly faults: readonly Fault[]) {
    super('CONFIG_INVALID', 'config', faultList(faults));
    this.name = 'ConfigError';
  }
}

function faultList(faults: readonly Fault[]): string {
  const lines = faults.toSorted(byPlace).map(({ path, place, message }) => {
    const key = path.length === 0 ? '' : `${written(path)}: `;
    return redactText(`  ${placeText(place)}  ${key}${message}`);
  });
  return `the configuration has ${lines.length === 1 ? 'a fault' : `${lines.length} faults`}:\n${lines.join('\n')}`;
}

const RANK = { file: 0, variable: 1, flag: 2, nowhere: 3 } as const;
function byPlace(a: Fault, b: Fault): number {
  if (a.place.kind === 'file' && b.place.kind === 'file') {
    return a.place.line - b.place.line || a.place.column - b.place.column;
  }
  return RANK[a.place.kind] - RANK[b.place.kind];
}
