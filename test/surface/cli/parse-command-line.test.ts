import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { completionScript } from '../../../src/surface/cli/completion.js';
import { COMMANDS } from '../../../src/surface/cli/command-table.js';
import { commandHelp, generalHelp } from '../../../src/surface/cli/help.js';
import { OPTIONS } from '../../../src/surface/cli/options.js';
import { plain } from '../../../src/surface/cli/paint.js';
import { parseCommandLine } from '../../../src/surface/cli/parse-command-line.js';
import { expectGolden } from '../../support/golden.js';
import { run } from './cli-bench.js';

const parsed = (line: string): string => {
  const p = parseCommandLine(line === '' ? [] : line.split(' '));
  switch (p.kind) {
    case 'command':
      return [p.command.name, ...p.arguments].join(' ');
    case 'help':
      return `help of ${p.command?.name ?? 'everything'}`;
    case 'usage':
      return p.message;
  }
};

describe('the command line', () => {
  it('is the daemon when it names no command', () => {
    expect([parsed(''), parsed('--config prod.yaml'), parsed('run -c prod.yaml')]).to.deep.equal(['run', 'run', 'run']);
  });
  it('takes options before, between and after the words', () => {
    expect([
      parsed('-o json get apps'),
      parsed('get -o json apps'),
      parsed('get apps -o json'),
      parsed('get apps --output=json'),
    ]).to.deep.equal(Array.from({ length: 4 }, () => 'get apps'));
  });
  const FAULTS: readonly (readonly [string, string])[] = [
    ['get', 'get needs one of: apps, attempts'],
    ['config', 'config needs one of: check, print, schema'],
    ['get nodes', 'get needs one of: apps, attempts'],
    ['explian shop', 'there is no command "explian"; did you mean "explain"?'],
    ['frobnicate', 'there is no command "frobnicate"'],
    ['explain', 'explain needs APP'],
    ['explain a b', 'explain does not take "b"'],
    ['abort 3f2a', 'abort needs --reason: why, for the audit log (3 to 500 characters)'],
    ['get apps --reason x', 'get apps does not take --reason'],
    ['get apps --raeson x', 'there is no option "--raeson"; did you mean --reason?'],
    ['get apps -o xml', '--output is one of table, json, yaml, not "xml"'],
    ['config check', 'config check needs --config: the configuration (YAML)'],
    ['help nonsense', 'there is no command "nonsense"'],
  ];
  for (const [line, message] of FAULTS) {
    it(`says of \`${line}\`: ${message}`, async () => {
      expect(parsed(line)).to.equal(message);
      const ran = await run(line.split(' '));
      expect([ran.code, ran.out, ran.err.split('\n')[0]]).to.deep.equal([2, '', `ai-operator: ${message}`]);
    });
  }
  it('does not take the value of an option for a command', () => {
    expect(parsed('get apps --server')).to.contain("'--server <value>' argument missing");
    expect(parseCommandLine(['abort', 'x', '--reason', ''])).to.deep.equal({
      kind: 'usage',
      message: '--reason is empty',
    });
    expect(parseCommandLine(['explain', ''])).to.deep.equal({
      kind: 'usage',
      message: 'explain was given an empty argument',
    });
  });
  it('shows help however it is asked for', () => {
    expect(
      ['--help', '-h', 'help', 'help explain', 'explain --help', 'explain -h', 'abort --help'].map(parsed),
    ).to.deep.equal([
      'help of everything',
      'help of everything',
      'help of everything',
      'help of explain',
      'help of explain',
      'help of explain',
      'help of abort',
    ]);
  });
  it('hands local commands their options, and only those', async () => {
    const lines = [
      '--config p.yaml',
      'config check -c p.yaml',
      'config print -c p.yaml -o json',
      'config schema',
      'audit verify --directory d --witness 3:abc',
      'audit show -c p.yaml --attempt x',
      'audit export --directory d',
      'doctor -c p.yaml',
    ];
    const handled = await Promise.all(lines.map(async (l) => (await run(l.split(' '))).handled.join()));
    expect(handled).to.deep.equal([
      'run {"config":"p.yaml"}',
      'configCheck {"config":"p.yaml","output":"table"}',
      'configPrint {"config":"p.yaml","output":"json"}',
      'configSchema',
      'auditVerify {"output":"table","directory":"d","witness":"3:abc"}',
      'auditShow {"output":"table","config":"p.yaml","attempt":"x"}',
      'auditExport {"output":"table","directory":"d"}',
      'doctor {"config":"p.yaml","output":"table"}',
    ]);
  });
  it('prints its version', async () => {
    expect([(await run(['--version'])).out, (await run(['version', '-o', 'json'])).out]).to.deep.equal([
      '0.1.0',
      JSON.stringify({ version: '0.1.0', node: process.version }),
    ]);
  });
});

describe('run', () => {
  it('hands on whether it is a dry run, and whether it only looks once, in which form', async () => {
    const lines = ['run -c p', '-c p --dry-run', 'run -c p --once', 'run -c p --once -o json --dry-run'];
    const handled = await Promise.all(lines.map(async (l) => (await run(l.split(' '))).handled.join()));
    expect(handled).to.deep.equal([
      'run {"config":"p"}',
      'run {"config":"p","dryRun":true}',
      'run {"config":"p","once":"table"}',
      'run {"config":"p","dryRun":true,"once":"json"}',
    ]);
  });
});

describe('completion', () => {
  it('offers every command and every option of it, in each shell', async () => {
    for (const shell of ['bash', 'zsh', 'fish']) {
      const { code, out } = await run(['completion', shell]);
      expect(code, shell).to.equal(0);
      for (const command of COMMANDS) {
        for (const word of [...command.name.split(' '), ...command.options])
          expect(out, `${shell}: ${command.name}`).to.contain(word);
      }
    }
  });
  it('is a script that bash can read, and that completes', function () {
    if (spawnSync('bash', ['--version']).error !== undefined) return this.skip();
    const completed = 'COMP_WORDS=(ai-operator get ""); COMP_CWORD=2; _ai_operator; echo "${COMPREPLY[*]}"';
    const ran = spawnSync('bash', ['-c', `${completionScript('bash', COMMANDS)}\n${completed}`], { encoding: 'utf8' });
    expect([ran.stdout.trim(), ran.stderr]).to.deep.equal(['apps attempts', '']);
  });
  it('knows no other shell', async () => {
    const { code, err } = await run(['completion', 'tcsh']);
    expect([code, err]).to.deep.equal([2, 'completion knows bash, zsh, fish, not "tcsh"']);
  });
});

describe('help', () => {
  it('reads well', () => {
    expectGolden(
      'test/surface/cli/golden/help.txt',
      [generalHelp(plain), ...COMMANDS.map((c) => commandHelp(c, plain))].join(`\n\n${'='.repeat(80)}\n\n`),
    );
  });
  it('fits a terminal of 120 columns', () => {
    const lines = [generalHelp(plain), ...COMMANDS.map((c) => commandHelp(c, plain))].join('\n').split('\n');
    expect(lines.filter((l) => l.length > 120)).to.deep.equal([]);
  });
  it('shows for every command examples that the parser takes', () => {
    for (const command of COMMANDS) {
      expect(command.examples.length, command.name).to.be.above(0);
      for (const example of command.examples) {
        const argv = [...example.replace(/ (?:\||>) .*$/, '').matchAll(/"([^"]*)"|(\S+)/g)]
          .map((m) => m[1] ?? m[2] ?? '')
          .slice(1);
        const p = parseCommandLine(argv);
        expect(p.kind === 'command' ? p.command.name : p, example).to.equal(command.name);
      }
    }
  });
  it('knows no option that no command takes', () => {
    const taken = new Set<string>([...COMMANDS.flatMap((c) => c.options), 'help', 'version']);
    expect(Object.keys(OPTIONS).filter((o) => !taken.has(o))).to.deep.equal([]);
  });
});
