// Writes the reference pages of docs/ from compiled code: node scripts/generate-docs.mjs [--check] [--from FOLDER] [--to FOLDER]
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { Registry } from 'prom-client';

const { values: options } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    from: { type: 'string', default: 'dist' },
    to: { type: 'string', default: 'docs' },
  },
});
const load = (file) => import(pathToFileURL(resolve(options.from, file)).href);
const { configJsonSchema } = await load('config/schema-json.js');
const { findKey, variableOf } = await load('config/key-tree.js');
const { ABORT_RULES } = await load('model/abort-reason.js');
const { REFUSAL_CODES, refuse, refusalConsequence } = await load('gitops/refusal.js');
const { createInstruments } = await load('adapters/telemetry/instruments.js');

const GENERATED = '<!-- Written by scripts/generate-docs from the code. Do not edit. -->';
const cell = (text) => String(text).replaceAll('|', '\\|').replaceAll('\n', ' ');
const prose = (text) => cell(text).replaceAll('<', '&lt;');
const code = (text) => `\`${cell(text)}\``;
const table = (head, rows) => [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

/** `{ count: 1, within: 30m }`, as it would be written in YAML. */
function written(value) {
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  return `{ ${Object.entries(value)
    .map(([key, inner]) => `${key}: ${written(inner)}`)
    .join(', ')} }`;
}

function configuration() {
  const schema = configJsonSchema();
  const sections = Object.entries(schema.properties).map(([name, section]) => {
    const rows = keysOf(name, section, schema.required?.includes(name) === true);
    return [
      `## ${name}`,
      ...(section.description && section.properties ? [section.description] : []),
      table(['Key', 'Default', 'Meaning'], rows),
    ].join('\n\n');
  });
  return [
    '# Configuration',
    GENERATED,
    [
      'One YAML file, named by `--config`. `ai-operator config check --config FILE` says every fault at once, with line and mend;',
      '`ai-operator config print --config FILE` shows what is in force and where each value comes from.',
      'For completion in an editor put `# yaml-language-server: $schema=./schema.json` at the top ([config/schema.json](../config/schema.json)).',
    ].join('\n'),
    [
      '- Order: defaults, then the file, then environment variables. Every value (a list is one value) has a variable:',
      `  \`argocd.tokenFile\` is \`${variableOf(['argocd', 'tokenFile'])}\`, \`timing.CI_WAIT_TIMEOUT\` is \`${variableOf(['timing', 'CI_WAIT_TIMEOUT'])}\`. Lists: \`a,b\` or JSON.`,
      '- Secrets never stand in the file: a `*File` key names the file, or a variable carries it',
      `  (${[
        ['argocd', 'token'],
        ['github', 'token'],
        ['github', 'privateKey'],
        ['prometheus', 'token'],
      ]
        .map((p) => `\`${variableOf(p)}\``)
        .join(', ')}).`,
      '- An unknown key or variable is a fault, never ignored. Durations have a unit: `500ms`, `10s`, `5m`, `24h`, `7d`.',
      '- Relative paths start at the working directory of the process, not at the file.',
      '- **required** counts where the group is written at all: without `prometheus`, no `prometheus.url`.',
      '- At least one of `environments.staging` and `environments.production` must be there; `github` needs a token or an App.',
      '- SIGHUP reads the file again: validated whole, applied whole or not at all. What is stricter holds at once, also for open attempts;',
      '  what is looser only for new ones. These need a restart, and are named in the log when they changed: `instance`, `development`, `argocd`,',
      '  `github`, `kubernetes`, `prometheus`, `store`, `bus`, `audit`, `killFile`, `http`, `httpMetrics`, `notify`, `tracing`, `log.format`.',
    ].join('\n'),
    ...sections,
  ].join('\n\n');
}

function keysOf(name, node, required) {
  const standard = node.default ?? findKey(name.split('.'))?.standard;
  const here = [
    code(name),
    standard === undefined ? (required ? '**required**' : 'none') : code(written(standard)),
    meaning(node),
  ];
  if (node.properties !== undefined) {
    return Object.entries(node.properties).flatMap(([key, child]) =>
      keysOf(`${name}.${key}`, child, node.required?.includes(key) === true),
    );
  }
  const { items } = node;
  if (items?.properties === undefined) return [here];
  return [
    here,
    ...Object.entries(items.properties).flatMap(([key, child]) =>
      keysOf(`${name}[].${key}`, child, items.required?.includes(key) === true),
    ),
  ];
}
function meaning({ description = '', enum: choices, items }) {
  const words = choices ?? items?.enum;
  return prose(
    words === undefined || words.length < 2
      ? description
      : `${description} One of ${words.map((w) => `\`${w}\``).join(', ')}.`,
  );
}

const FATES = {
  close: 'closed, with the reason',
  'leave-open':
    'left open for people, no longer watched; closed when the application recovers, its files change, or 24 h pass',
  'hands-off': 'not touched',
};
function abortReasons() {
  const rows = Object.entries(ABORT_RULES).map(([reason, { meaning: what, pullRequest, latches, retries }]) => [
    code(reason === 'refused' ? 'refused(<code>)' : reason),
    cell(what),
    FATES[pullRequest],
    latches
      ? retries === true
        ? 'once by itself after `timing.retryAfter`, unless a pull request was opened'
        : 'by `ai-operator retry`'
      : 'at once',
  ]);
  return [
    '# Abort reasons',
    GENERATED,
    [
      'Every way an attempt can end without recovery. After an abort the operator does nothing but tidy up its own pull request and tell people.',
      'The same bad version is then not tried again (30 days) unless the last column says so; another version is a new case.',
    ].join('\n'),
    table(['Reason', 'Meaning', 'The pull request is', 'Tried again'], rows),
    'A retry after `pr-closed-by-human` needs the role approver: it overrides a veto. The mark of `observed` holds only while the mode is observe.',
    '`refused(<code>)` carries a code of [refusals.md](refusals.md), or `brake`, `budget`, `paused` (held until `MERGE_APPROVAL_TIMEOUT` ran out).',
  ].join('\n\n');
}

const CONSEQUENCES = {
  'no-pull-request': 'no pull request',
  'people-only': 'a pull request that only people may merge',
  'plan-again': 'planned again',
};
function refusals() {
  const rows = REFUSAL_CODES.map((refusal) => {
    const { rule, mend } = refuse(refusal, '');
    return [code(refusal), rule, CONSEQUENCES[refusalConsequence(rule)], cell(mend)];
  });
  return [
    '# Refusals',
    GENERATED,
    'What the operator does not roll back in git, or not without people. The codes are stable: they stand in audit records, pull requests and the API.',
    table(['Code', 'Rule', 'What follows', 'What a person can do'], rows),
  ].join('\n\n');
}

async function metrics() {
  const registry = new Registry();
  createInstruments(registry, () => {});
  const rows = registry
    .getMetricsAsArray()
    .map(({ name, type, help, labelNames }) => [code(name), type, labelNames.map(code).join(', ') || '-', cell(help)]);
  return [
    '# Metrics',
    GENERATED,
    'At `/metrics` of port 9090. Beside these the usual `process_*` and `nodejs_*`. No label grows without bound. Alerts worth having: [operations.md](operations.md).',
    table(['Name', 'Type', 'Labels', 'Meaning'], rows),
  ].join('\n\n');
}

const pages = {
  'configuration.md': configuration(),
  'abort-reasons.md': abortReasons(),
  'refusals.md': refusals(),
  'metrics.md': await metrics(),
};
await mkdir(options.to, { recursive: true });
for (const [name, text] of Object.entries(pages)) {
  const file = join(options.to, name);
  const wanted = `${text}\n`;
  const is = await readFile(file, 'utf8').catch(() => '');
  if (is === wanted) continue;
  if (options.check) {
    process.stderr.write(`${file} is not up to date: run scripts/generate-docs\n`);
    process.exitCode = 1;
  } else {
    await writeFile(file, wanted);
    process.stdout.write(`${file} written\n`);
  }
}
