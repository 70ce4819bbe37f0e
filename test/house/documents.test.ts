import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { Registry } from 'prom-client';
import { parseAllDocuments } from 'yaml';
import { createInstruments } from '../../src/adapters/telemetry/instruments.js';
import { KEY_TREE, type KeyNode } from '../../src/config/key-tree.js';
import { loadConfig } from '../../src/config/load-config.js';
import { REFUSAL_CODES } from '../../src/gitops/refusal.js';
import { GUARDS } from '../../src/governance/guards.js';
import { INVARIANTS } from '../../src/governance/invariants.js';
import { ABORT_RULES } from '../../src/model/abort-reason.js';
import { NOTICE_KINDS } from '../../src/model/notice-kind.js';
import { loadScenario, scenarioNames } from '../../src/sandbox/scenario/scenario-files.js';
import { COMMANDS } from '../../src/surface/cli/command-table.js';
import { OPTIONS } from '../../src/surface/cli/options.js';
import { API_ROUTES } from '../../src/surface/http/api-server.js';
import { INELIGIBLE_CODES } from '../../src/workflow/eligibility.js';
import { filesUnder } from './source-files.js';

const README = 'README.md';
const PAGES = filesUnder([README, 'docs', 'deploy/README.md'], ['.md']);
const page = (name: string): string => PAGES.find((p) => p.path === name)?.text ?? '';
const ALL = PAGES.map((p) => p.text).join('\n');

/** What stands in backticks. */
const spans = (text: string): readonly string[] =>
  [...text.replaceAll(/^```.*?^```/gms, '').matchAll(/`([^`\n]+)`/g)].map((m) => m[1] ?? '');
/** Content of the fenced blocks of a language. */
const blocks = (text: string, language: string): readonly string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map((m) => m[1] ?? '');
/** First cells, in backticks, of the rows of every table of a page. */
const firstCells = (text: string): readonly string[] => [...text.matchAll(/^\| `([^`]+)`/gm)].map((m) => m[1] ?? '');
/** The part of a page below a heading, up to the next one of its rank. */
const section = (text: string, heading: string): string => {
  const rank = /^#+/.exec(heading)?.[0] ?? '#';
  const [, rest = ''] = text.split(`\n${heading}\n`);
  return rest.split(new RegExp(`^${rank} `, 'm'))[0] ?? '';
};
const sorted = (list: Iterable<string>): readonly string[] => [...new Set(list)].toSorted();

function configKeys(node: KeyNode, name: string): readonly string[] {
  const below = (children: KeyNode['children'], prefix: string): readonly string[] =>
    [...children].flatMap(([key, child]) => configKeys(child, `${prefix}${key}`));
  if (node.kind === 'group') return below(node.children, name === '' ? '' : `${name}.`);
  return [name, ...(node.item === undefined ? [] : below(node.item.children, `${name}[].`))];
}
const KEYS = configKeys(KEY_TREE, '');
/** Keys and the groups they stand in. */
const NAMES = new Set(KEYS.flatMap((key) => key.split('.').map((_, i, parts) => parts.slice(0, i + 1).join('.'))));

describe('the reference pages', () => {
  it('are what scripts/generate-docs writes from this code', () => {
    const from = fileURLToPath(new URL('../../src', import.meta.url));
    const run = spawnSync(process.execPath, ['scripts/generate-docs.mjs', '--check', '--from', from], {
      encoding: 'utf8',
    });
    expect(run.stderr).to.equal('');
    expect(run.status).to.equal(0);
  });
  it('know every key of the configuration and no other', () => {
    expect(sorted(firstCells(page('docs/configuration.md')))).to.deep.equal(sorted(KEYS));
  });
  it('know every abort reason and no other', () => {
    const reasons = Object.keys(ABORT_RULES).map((r) => (r === 'refused' ? 'refused(<code>)' : r));
    expect(sorted(firstCells(page('docs/abort-reasons.md')))).to.deep.equal(sorted(reasons));
  });
  it('know every code of a refusal and no other', () => {
    expect(sorted(firstCells(page('docs/refusals.md')))).to.deep.equal(sorted(REFUSAL_CODES));
  });
  it('know every metric and no other', () => {
    const registry = new Registry();
    createInstruments(registry, () => {});
    const metrics = registry.getMetricsAsArray().map((m) => m.name);
    expect(sorted(firstCells(page('docs/metrics.md')))).to.deep.equal(sorted(metrics));
    const named = [...ALL.matchAll(/\bai_operator_[a-z_]+/g)].map((m) => m[0]);
    expect(sorted(named).filter((name) => !metrics.includes(name))).to.deep.equal([]);
  });
});

describe('the rules in the documents', () => {
  const rules = [...INVARIANTS, ...GUARDS];

  it('are all there, in order, and no others', () => {
    const ids = rules.map((r) => r.id);
    expect(firstCells(section(page(README), '## The rules'))).to.deep.equal(ids);
    expect([...page('docs/rules.md').matchAll(/^### (\S+)$/gm)].map((m) => m[1])).to.deep.equal(ids);
    const named = [...ALL.matchAll(/\b[IG]\d+_[a-z_]+/g)].map((m) => m[0]);
    expect(sorted(named).filter((id) => !(ids as readonly string[]).includes(id))).to.deep.equal([]);
  });
  for (const rule of rules) {
    it(`say when it holds and what relaxes it in the words of the code: ${rule.id}`, () => {
      const text = section(page('docs/rules.md'), `### ${rule.id}`);
      expect(text).to.contain(`**Holds when** ${rule.holdsWhen}.`);
      for (const part of ['**Seen in** ', '**Fails, for instance,** ']) expect(text).to.contain(part);
      if (rule.relaxedBy === undefined) expect(text).to.not.contain('**Relaxed by**');
      else expect(text).to.contain(`**Relaxed by** \`${rule.relaxedBy}\``);
    });
  }
});

describe('the commands in the documents', () => {
  it('are all in the README', () => {
    const table = section(page(README), '## Commands');
    expect(
      COMMANDS.map((c) => c.name).filter(
        (name) => !table.includes(`\`ai-operator ${name}`) && !table.includes(`\`${name}`),
      ),
    ).to.deep.equal([]);
  });
  it('all exist', () => {
    const calls = [...ALL.matchAll(/(?<![\w:/.-])(?:ai-operator|node dist\/main\.js) ((?:[a-z]+ )?[a-z]+)/g)].map(
      (m) => m[1] ?? '',
    );
    const known = (call: string): boolean =>
      call.startsWith('help') || COMMANDS.some((c) => `${call} `.startsWith(`${c.name} `));
    expect(calls.length).to.be.greaterThan(20);
    expect(sorted(calls).filter((call) => !known(call))).to.deep.equal([]);
  });
  it('take the options that are named with them', () => {
    const lines = [...ALL.matchAll(/ai-operator ([a-z]+(?: [a-z]+)?)([^`\n|#]*)/g)];
    const faults = lines.flatMap(([whole, name = '', rest = '']) => {
      const command = COMMANDS.find((c) => `${name} `.startsWith(`${c.name} `));
      const options = [...rest.matchAll(/--([a-z-]+)/g)].map((m) => m[1] ?? '');
      return options
        .filter((o) => command !== undefined && !(command.options as readonly string[]).includes(o))
        .map((o) => `${whole}: --${o}`);
    });
    expect(faults).to.deep.equal([]);
    expect(Object.keys(OPTIONS)).to.include.members(['config', 'reason', 'witness']);
  });
});

describe('the addresses in the documents', () => {
  const text = section(page(README), '## HTTP');

  it('are all of the API', () => {
    const lacking = API_ROUTES.filter(({ method, path: address }) => {
      const [base = '', verb] = address.split(/:(?=[a-z]+$)/);
      const row = text
        .split('\n')
        .find(
          (line) =>
            line.includes(`${method} `) &&
            (verb === undefined ? line.includes(base) : line.includes(`${base}:`) && line.includes(`:${verb}`)),
        );
      return row === undefined;
    });
    expect(lacking.map((r) => `${r.method} ${r.path}`)).to.deep.equal([]);
  });
  it('all exist', () => {
    const named = [...ALL.matchAll(/\/api\/v1\/[\w{}/]+(?::[a-z]+)?/g)].map((m) => m[0]);
    const known = new Set(API_ROUTES.map((r) => r.path));
    expect(sorted(named).filter((address) => !known.has(address))).to.deep.equal([]);
  });
});

describe('what the documents name', () => {
  it('is a key of the configuration where it looks like one', () => {
    const sections = new RegExp(`^(?:${[...KEY_TREE.children.keys()].join('|')})(?:\\[\\])?\\.[A-Za-z][\\w.[\\]]*`);
    const named = spans(ALL)
      .flatMap((s) => s.split(', '))
      .flatMap((s) => sections.exec(s)?.[0] ?? []);
    expect(named.length).to.be.greaterThan(50);
    expect(sorted(named).filter((key) => !NAMES.has(key))).to.deep.equal([]);
  });
  it('is every notice, and no other', () => {
    const text = section(page('docs/operations.md'), '## Notices');
    expect(sorted(firstCells(text))).to.deep.equal(sorted(NOTICE_KINDS));
  });
  it('is every answer to "why no rollback", and no other', () => {
    expect(sorted(firstCells(section(page('docs/operations.md'), '## Why no rollback?')))).to.deep.equal(
      sorted(INELIGIBLE_CODES),
    );
  });
  it('is an abort reason where the runbook names one', () => {
    const named = section(page('docs/operations.md'), '## After an abort')
      .split('\n')
      .filter((l) => l.startsWith('| `'))
      .flatMap((l) => spans(l.split('|')[1] ?? ''));
    expect(named.length).to.be.greaterThan(10);
    expect(named.filter((reason) => !(reason in ABORT_RULES))).to.deep.equal([]);
  });
  it('is a scenario that exists', async () => {
    const names = await scenarioNames();
    const named = [...ALL.matchAll(/--scenario ([a-z][a-z-]+)/g)].map((m) => m[1] ?? '');
    expect(named.length).to.be.greaterThan(0);
    expect(named.filter((name) => !names.includes(name))).to.deep.equal([]);
  });
  it('is a file that exists, where it is linked', () => {
    const broken = PAGES.flatMap(({ path: from, text }) =>
      [...text.matchAll(/\]\(([^)\s]+)\)/g)]
        .map((m) => (m[1] ?? '').split('#')[0] ?? '')
        .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
        .filter((target) => !existsSync(path.join(path.dirname(from), target)))
        .map((target) => `${from}: ${target}`),
    );
    expect(broken).to.deep.equal([]);
  });
  it('is a script that exists', () => {
    const named = [...ALL.matchAll(/\bscripts\/[a-z-]+(?:\.mjs)?/g)].map((m) => m[0]);
    expect(sorted(named).filter((script) => !existsSync(script))).to.deep.equal([]);
  });
});

/** Enough for the loader to take the file for what it should hold. */
const placeholder = (file: string): string => {
  if (file.endsWith('.crt')) return '-----BEGIN CERTIFICATE-----\n';
  return file.endsWith('.pem') ? '-----BEGIN PRIVATE KEY-----\n' : 'placeholder\n';
};

describe('the examples in the documents', () => {
  it('load without a fault or a warning, where they are configurations', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'operator-documents-'));
    try {
      const examples = blocks(ALL, 'yaml').filter((text) => /^environments:/m.test(text));
      expect(examples).to.have.length.greaterThan(0);
      for (const example of examples) {
        const here = example.replaceAll('/run/secrets/', `${folder}/secrets/`);
        for (const [, file = ''] of here.matchAll(/File: (\S+)/g)) {
          mkdirSync(path.dirname(file), { recursive: true });
          writeFileSync(file, placeholder(file), { mode: 0o600 });
        }
        writeFileSync(path.join(folder, 'prod.yaml'), here);
        expect(loadConfig({ file: path.join(folder, 'prod.yaml'), env: {} }).warnings).to.deep.equal([]);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
  it('show the demo as it runs today: its title, every state on the way, every rule', async () => {
    const [demo = ''] = blocks(page(README), 'console');
    const scenario = await loadScenario('bad-deploy');
    expect(demo.split('\n').slice(0, 2)).to.deep.equal(['$ scripts/demo', `${scenario.name}: ${scenario.title}`]);
    const shown = [...demo.matchAll(/● (\w+)/g)].map((m) => m[1]);
    expect(shown).to.deep.equal([
      'DegradationDetected',
      'CandidateResolved',
      'PRCreated',
      'AwaitingMergeApproval',
      'RollbackMerged',
      'RollbackComplete',
    ]);
    expect([...demo.matchAll(/✓ (\S+)/g)].map((m) => m[1])).to.deep.equal([...INVARIANTS, ...GUARDS].map((r) => r.id));
  });
  it('are valid YAML, where they say so', () => {
    const faults = blocks(ALL, 'yaml').flatMap((text) =>
      parseAllDocuments(text).flatMap((d) => d.errors.map((e) => e.message)),
    );
    expect(faults).to.deep.equal([]);
  });
});
