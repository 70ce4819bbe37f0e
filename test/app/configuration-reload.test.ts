import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfigurationReload } from '../../src/app/configuration-reload.js';
import { reloadOf } from '../../src/app/doors.js';
import { TokenBook } from '../../src/app/token-book.js';
import { sha256 } from '../../src/base/hash.js';
import { ConfigError } from '../../src/config/faults.js';
import type { LoadedConfig } from '../../src/config/load-config.js';
import type { OperatorConfig } from '../../src/config/operator-config.js';
import { PolicyBook } from '../../src/governance/policy-book.js';
import { SHOP } from '../support/attempt-parts.js';
import { FakeLogger } from '../support/fakes/fake-outside.js';
import { operatorConfig, PRODUCTION, STAGING } from '../support/operator-config.js';
import { OrdersBench } from './orders-bench.js';

const loadedFrom = (config: OperatorConfig, warnings: readonly string[] = []): LoadedConfig => ({
  config,
  warnings,
  values: { timing: { ...config.timing }, log: { ...config.log }, instance: config.instance },
  placeOf: () => undefined,
});

describe('a reload of the configuration while running', () => {
  let bench: OrdersBench;
  let next: () => LoadedConfig;
  let reload: ConfigurationReload;
  beforeEach(async () => {
    bench = await OrdersBench.start();
    next = () => loadedFrom(bench.world.config);
    reload = reloadOf(bench.operator.container, bench.operator.outside, loadedFrom(bench.world.config), () => next());
  });
  afterEach(() => {
    bench.stop();
  });
  const changed = (change: Partial<OperatorConfig>): void => {
    next = () => loadedFrom({ ...bench.world.config, ...change });
  };
  const policies = (): PolicyBook => bench.operator.container.get(PolicyBook);
  const recorded = (): readonly string[] =>
    bench.world.audit.entries
      .filter((e) => e.kind === 'configuration')
      .map((e) => `${e.text} ${JSON.stringify(e.facts)}`);

  it('takes what may change while running, and records and logs which keys', async () => {
    changed({ limits: { ...bench.world.config.limits, openAttempts: 1 } });
    expect(await reload.reload()).to.deep.equal({ kind: 'applied', live: ['limits.openAttempts'], needRestart: [] });
    expect(policies().config.limits.openAttempts).to.equal(1);
    expect(recorded()).to.deep.equal(['configuration reloaded {"changed":["limits.openAttempts"],"needRestart":[]}']);
    expect(bench.world.logger.at('info')).to.include('configuration reloaded');
  });
  it('applies what is stricter at once, also in flight: an attempt that is no longer managed ends', async () => {
    bench.keepCiPending();
    await bench.until('PRCreated/waiting-for-ci');
    changed({ environments: { production: PRODUCTION } });
    await reload.reload();
    await bench.passes(5);
    expect(bench.world.standing()).to.equal('Abort/no-longer-managed');
    expect(bench.world.github.open()).to.deep.equal([]);
  });
  it('leaves what is looser to new attempts', async () => {
    bench.world.config = operatorConfig({
      environments: { staging: { ...STAGING, mode: 'propose' }, production: PRODUCTION },
    });
    policies().replace(bench.world.config);
    reload = reloadOf(bench.operator.container, bench.operator.outside, loadedFrom(bench.world.config), () => next());
    await bench.until('AwaitingMergeApproval/waiting-for-human');
    changed({ environments: { staging: STAGING, production: PRODUCTION } });
    await reload.reload();
    await bench.passes(60);
    expect([bench.world.standing(), bench.world.github.merges]).to.deep.equal([
      'AwaitingMergeApproval/waiting-for-human',
      0,
    ]);
    expect(policies().config.environments.staging?.mode).to.equal('auto');
  });
  it('keeps the values of keys that need a restart, and names them', async () => {
    changed({ instance: 'another', killFile: '/elsewhere', detection: { maxFailureAgeMs: 60_000 } });
    expect(await reload.reload()).to.deep.equal({
      kind: 'applied',
      live: ['detection.maxFailureAgeMs'],
      needRestart: ['instance', 'killFile'],
    });
    expect([
      policies().config.instance,
      policies().config.killFile,
      policies().config.detection.maxFailureAgeMs,
    ]).to.deep.equal(['test', '/kill', 60_000]);
    expect(reload.inForce.values['instance']).to.equal('test');
    expect(bench.world.logger.at('warn')).to.include('changed keys of the configuration need a restart');
  });
  it('changes nothing when nothing changed, and records nothing', async () => {
    expect(await reload.reload()).to.deep.equal({ kind: 'unchanged', needRestart: [] });
    expect(recorded()).to.deep.equal([]);
  });
  it('takes nothing of a faulty configuration, and says so in log and audit', async () => {
    next = () => {
      throw new ConfigError([{ path: ['timing'], message: 'is not what it should be' } as never]);
    };
    expect((await reload.reload()).kind).to.equal('refused');
    expect(policies().config).to.equal(bench.world.config);
    expect(recorded()[0]).to.contain('reload refused');
    expect(bench.world.logger.at('error')).to.include(
      'the configuration was not reloaded; what was in force stays in force',
    );
  });
  it('takes nothing that cannot be audited', async () => {
    changed({ limits: { ...bench.world.config.limits, openAttempts: 1 } });
    bench.breakDown('audit.append');
    expect((await reload.reload()).kind).to.equal('refused');
    expect(policies().config.limits.openAttempts).to.equal(3);
    bench.mend();
    expect((await reload.reload()).kind).to.equal('applied');
  });
  it("moves the baseline of an environment that leaves off: what was red before is not the operator's case", async () => {
    const off = operatorConfig({ environments: { staging: { ...STAGING, mode: 'off' }, production: PRODUCTION } });
    const on = bench.world.config;
    next = () => loadedFrom(off);
    await reload.reload();
    bench.world.breakDown();
    await bench.passes(30);
    next = () => loadedFrom(on);
    await reload.reload();
    await bench.passes(60);
    expect(bench.world.attempts()).to.deep.equal([]);
    expect(bench.operator.intake.whyNot(SHOP)?.code).to.equal('before-baseline');
  });
  it("takes off though the store is away, and what is red when a reload that was refused is taken at last is nobody's case", async () => {
    const off = operatorConfig({ environments: { staging: { ...STAGING, mode: 'off' }, production: PRODUCTION } });
    const on = bench.world.config;
    bench.breakDown('store.putBaseline');
    next = () => loadedFrom(off);
    expect((await reload.reload()).kind).to.equal('applied');
    bench.world.breakDown();
    await bench.passes(30);
    next = () => loadedFrom(on);
    expect((await reload.reload()).kind).to.equal('refused');
    expect(policies().config.environments.staging?.mode).to.equal('off');
    bench.mend();
    await bench.passes(30);
    expect((await reload.reload()).kind).to.equal('applied');
    await bench.passes(60);
    expect(bench.world.attempts()).to.deep.equal([]);
  });
  it('looks at applications of a newly matched environment', async () => {
    changed({ environments: { staging: { ...STAGING, match: { ...STAGING.match, projects: ['elsewhere'] } } } });
    await reload.reload();
    bench.world.breakDown();
    await bench.passes(15);
    expect(bench.world.attempts()).to.deep.equal([]);
    next = () => loadedFrom(bench.world.config);
    await reload.reload();
    await bench.passes(15);
    expect(bench.open()).to.equal(1);
  });
});

describe('the tokens of the API', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tokens-'));
  const file = join(folder, 'tokens.yaml');
  const token = (name: string): string => `- { name: ${name}, role: viewer, sha256: ${sha256(name)} }\n`;
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('are read again, and those in force stay when the file is faulty', async () => {
    writeFileSync(file, token('ada'));
    const logger = new FakeLogger();
    const book = await TokenBook.open(file, logger);
    const knows = (name: string): boolean => book.current()?.authenticate(`Bearer ${name}`) !== undefined;
    expect([knows('ada'), knows('eve')]).to.deep.equal([true, false]);
    writeFileSync(file, token('eve'));
    await book.reload();
    expect([knows('ada'), knows('eve')]).to.deep.equal([false, true]);
    writeFileSync(file, 'nonsense');
    await book.reload();
    expect([knows('eve'), logger.at('error').length]).to.deep.equal([true, 1]);
  });
  it('are none without a file', async () => {
    const book = await TokenBook.open(undefined, new FakeLogger());
    await book.reload();
    expect(book.current()).to.equal(undefined);
  });
});
