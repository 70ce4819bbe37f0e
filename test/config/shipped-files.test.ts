import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';
import { expect } from 'chai';
import { parse } from 'yaml';
import { loadConfig, type LoadedConfig } from '../../src/config/load-config.js';
import { KEY_TREE, leaves } from '../../src/config/key-tree.js';
import { configJsonSchema } from '../../src/config/schema-json.js';
import { DEFAULT_TIMING, type Timing } from '../../src/model/timing.js';

const NAMES = ['sandbox', 'local', 'staging', 'production'] as const;
const folder = path.resolve('config');
const textOf = (name: string): string => readFileSync(path.join(folder, `${name}.yaml`), 'utf8');
const load = (name: string): LoadedConfig =>
  loadConfig({ file: path.join(folder, `${name}.yaml`), env: {}, workingDirectory: '/srv', checkFiles: false });

describe('the shipped configuration files', () => {
  for (const name of NAMES) {
    it(`load: ${name}.yaml`, () => {
      expect(load(name).config.instance).to.equal(name);
    });
    it(`tell editors their schema and fit it: ${name}.yaml`, () => {
      expect(textOf(name).split('\n')[0]).to.equal('# yaml-language-server: $schema=./schema.json');
      const validate = new Ajv({ strict: false, allErrors: true }).compile(configJsonSchema());
      expect(validate(parse(textOf(name))), JSON.stringify(validate.errors)).to.equal(true);
    });
  }

  it('warn of nothing', () => {
    expect(NAMES.map((name) => [name, load(name).warnings])).to.deep.equal(NAMES.map((name) => [name, []]));
  });

  it('divide every wait of the sandbox by 20, but no count and no window over the past', () => {
    const { timing, candidates, guards, detection, limits } = load('sandbox').config;
    const expected = Object.fromEntries(
      Object.entries(DEFAULT_TIMING as unknown as Record<string, number | number[]>).map(([key, value]) => {
        if (key === 'DEGRADATION_PERSISTENCE_CHECKS' || key === 'MCP_RETRY_COUNT') return [key, value];
        return [key, Array.isArray(value) ? value.map((ms) => ms / 20) : value / 20];
      }),
    );
    expect(timing).to.deep.equal(expected);
    const standard = load('local').config;
    expect({ candidates, guards, detection, limits }).to.deep.equal({
      candidates: standard.candidates,
      guards: standard.guards,
      detection: standard.detection,
      limits: standard.limits,
    });
  });

  it('show in production.yaml that nothing is merged after an approval unless it is said', () => {
    expect(textOf('production')).to.match(/^ {2}mergeAfterApproval: false$/m);
    expect(load('production').config.production.mergeAfterApproval).to.equal(false);
  });

  it('leave no path of the sandbox outside its own folder', () => {
    const { config } = load('sandbox');
    expect([
      config.argocd.tokenFile,
      config.github.tokenFile,
      config.audit.directory,
      config.killFile,
      config.kubernetes,
    ]).to.deep.equal([
      '/srv/.sandbox/argocd.token',
      '/srv/.sandbox/github.token',
      '/srv/.sandbox/audit',
      '/srv/.sandbox/kill',
      { kubeconfigFile: '/srv/.sandbox/kubeconfig' },
    ]);
  });
});

describe('the schema', () => {
  it('is the one in config/schema.json', () => {
    const committed = JSON.parse(readFileSync(path.join(folder, 'schema.json'), 'utf8')) as unknown;
    expect(committed).to.deep.equal(JSON.parse(JSON.stringify(configJsonSchema())));
  });
  it('describes every key', () => {
    const undescribed: string[] = [];
    const walk = (node: typeof KEY_TREE): void => {
      for (const child of [...node.children.values(), ...(node.item?.children.values() ?? [])]) {
        if (child.description === '') undescribed.push(child.path.join('.'));
        walk(child);
      }
    };
    walk(KEY_TREE);
    expect(undescribed).to.deep.equal(['environments.staging', 'environments.production']);
  });
  it('gives every value an environment variable of its own', () => {
    const variables = leaves(KEY_TREE).map((leaf) => leaf.variable);
    expect(new Set(variables).size).to.equal(variables.length);
    expect(variables).to.include.members([
      'AI_OPERATOR_ARGOCD__URL',
      'AI_OPERATOR_TIMING__CI_WAIT_TIMEOUT',
      'AI_OPERATOR_HTTP_METRICS__PORT',
    ]);
  });
  it('knows every wait of the product, under its own name, with the value of the architecture', () => {
    const { timing } = load('local').config;
    expect(Object.keys(timing).toSorted()).to.deep.equal(Object.keys(DEFAULT_TIMING).toSorted());
    const architecture: Partial<Timing> = {
      HEALTH_CHECK_INTERVAL: 10_000,
      DEGRADATION_PERSISTENCE_CHECKS: 3,
      HEALTH_RESTORATION_DURATION: 60_000,
      CANDIDATE_SEARCH_TIMEOUT: 120_000,
      CI_WAIT_TIMEOUT: 300_000,
      MERGE_APPROVAL_TIMEOUT: 3_600_000,
      MCP_RETRY_COUNT: 3,
      MCP_RETRY_BACKOFF: [1_000, 2_000, 4_000],
    };
    expect(timing).to.deep.include(architecture);
  });
});
