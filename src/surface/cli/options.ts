/** One option of the command line. */
export interface OptionRow {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  /** What stands for the value in help texts. */
  readonly value?: string;
  readonly help: string;
}

export const OUTPUTS = ['table', 'json', 'yaml'] as const;
export type Output = (typeof OUTPUTS)[number];

/** Every option; a command names the ones it takes. An option means the same everywhere. */
export const OPTIONS = {
  config: { type: 'string', short: 'c', value: 'FILE', help: 'the configuration (YAML)' },
  output: { type: 'string', short: 'o', value: OUTPUTS.join('|'), help: 'how data is printed; table is the default' },
  server: {
    type: 'string',
    value: 'URL',
    help: 'address of the operator; else AI_OPERATOR_SERVER, else the http section of --config, else http://127.0.0.1:8080',
  },
  'token-file': { type: 'string', value: 'FILE', help: 'file with your token; else AI_OPERATOR_TOKEN_FILE' },
  reason: { type: 'string', short: 'r', value: 'TEXT', help: 'why, for the audit log (3 to 500 characters)' },
  all: { type: 'boolean', help: 'everything, not one application' },
  directory: { type: 'string', value: 'DIR', help: 'the audit log; else audit.directory of --config' },
  witness: {
    type: 'string',
    value: 'NUMBER:HASH',
    help: 'a record known from elsewhere, so that a cut after it is found',
  },
  attempt: { type: 'string', value: 'ID', help: 'only what belongs to this attempt' },
  'dry-run': { type: 'boolean', help: 'lower every environment to mode observe: decide and record, do nothing' },
  once: { type: 'boolean', help: 'look once, print what is Degraded, and end: exit 0 = nothing, 3 = something' },
  help: { type: 'boolean', short: 'h', help: 'help for a command' },
  version: { type: 'boolean', help: 'print the version' },
} as const satisfies Readonly<Record<string, OptionRow>>;
export type OptionName = keyof typeof OPTIONS;

/** Options as they were given. */
export type OptionValues = {
  readonly [N in OptionName]?: (typeof OPTIONS)[N]['type'] extends 'boolean' ? boolean : string;
};
