import { expect } from 'chai';
import { ConfigError } from '../../src/config/faults.js';
import { highestMode, type OperatorConfig } from '../../src/config/operator-config.js';
import { DEFAULT_TIMING } from '../../src/model/timing.js';
import { ConfigFolder, LEAST } from './config-folder.js';

describe('loadConfig', () => {
  let folder: ConfigFolder;
  beforeEach(() => {
    folder = new ConfigFolder();
  });
  afterEach(() => {
    folder.remove();
  });
  const config = (yaml = LEAST, inputs = {}): OperatorConfig => folder.load(yaml, inputs).config;

  it('fills in every standard value of the design when the file says the least', () => {
    expect(config()).to.deep.equal({
      instance: 'ai-operator',
      development: false,
      environments: {
        staging: {
          match: { projects: ['staging'], destinations: [], namespaces: [], applications: [] },
          mode: 'propose',
          paths: [],
        },
      },
      argocd: {
        url: 'https://argocd.example',
        tokenFile: `${folder.path}/argocd.token`,
        source: 'api',
        namespace: 'argocd',
      },
      github: { url: 'https://github.com', apiUrl: 'https://api.github.com', tokenFile: `${folder.path}/github.token` },
      repositories: [
        {
          url: 'https://github.com/acme/gitops',
          owner: 'acme',
          name: 'gitops',
          requiredChecks: [],
          allApplicationsVisible: false,
          allowNoChecks: false,
          failOnOptionalFailure: true,
        },
      ],
      kubernetes: { inCluster: true },
      store: { kind: 'memory' },
      bus: { kind: 'in-process' },
      audit: { directory: '/var/lib/ai-operator/audit' },
      killFile: '/var/lib/ai-operator/kill',
      timing: DEFAULT_TIMING,
      candidates: { minObservationMs: 86_400_000, minSoakMs: 3_600_000, allowWithoutCi: false },
      invariants: { replicaShortage: 'available', openPullRequests: 'branch' },
      guards: {
        changeWindowMs: 86_400_000,
        maxCandidateAgeMs: 604_800_000,
        maxPassedOver: 3,
        maxDroppedCommits: 20,
        freeze: [],
        perApplication: [
          { count: 1, windowMs: 1_800_000 },
          { count: 2, windowMs: 86_400_000 },
        ],
        fleet: { count: 5, windowMs: 3_600_000 },
      },
      limits: {
        openAttempts: 3,
        pullRequestsPerHour: 10,
        brake: { share: 0.3, count: 3, windowMs: 600_000, failedRollbacks: 3, failedRollbackWindowMs: 3_600_000 },
      },
      production: {
        mergeAfterApproval: false,
        approvalSources: ['github-review'],
        minRole: 'maintain',
        count: 1,
        teams: [],
        users: [],
      },
      detection: { maxFailureAgeMs: 1_200_000 },
      http: { port: 8080, host: '127.0.0.1' },
      httpMetrics: { port: 9090, host: '0.0.0.0' },
      log: { level: 'info', format: 'auto' },
      notify: { webhooks: [] },
    });
  });

  it('lets environment variables outrank the file, and flags outrank both', () => {
    const yaml = `${LEAST}log: { level: error }\nhttp: { port: 1001 }\nhttpMetrics: { port: 1002 }\n`;
    const env = { AI_OPERATOR_LOG__LEVEL: 'warn', AI_OPERATOR_HTTP__PORT: '2001' };
    const flags = [{ flag: '--log-level', key: 'log.level', value: 'debug' }];
    const { log, http, httpMetrics } = config(yaml, { env, flags });
    expect({ level: log.level, ports: [http.port, httpMetrics.port] }).to.deep.equal({
      level: 'debug',
      ports: [2001, 1002],
    });
  });

  it('reads no number out of a text that only begins like one', () => {
    expect(folder.faults(LEAST, { env: { AI_OPERATOR_HTTP__PORT: '12abc' } })).to.deep.equal([
      'AI_OPERATOR_HTTP__PORT  http.port: `12abc` is not a whole number',
    ]);
    expect(folder.faults(`${LEAST}http: { port: 8080x }\n`)).to.deep.equal([
      'prod.yaml:6:9  http.port: `8080x` is not allowed; write a whole number from 0 to 65535',
    ]);
    expect(folder.faults(`${LEAST}http: { port: "8080" }\ndevelopment: "false"\n`)).to.deep.equal([
      'prod.yaml:6:9  http.port: `8080` is not allowed; write a whole number from 0 to 65535',
      'prod.yaml:7:1  development: `false` is not a switch; write true or false',
    ]);
  });

  it('tells all faults at once, each with its place and what to write instead', () => {
    const yaml = [
      'environments:', // 1
      '  staging: { match: { project: [staging] }, mode: automatic }',
      '  production: { match: {} }',
      'argocd:',
      '  url: argocd.example',
      '  token: abc',
      '  caFile: /nowhere/ca.crt',
      'github: { appId: 12, tokn: x }',
      'timing: { syncTimeout: 10, HEALTH_CHECK_INTERVAL: 10 sec, MCP_RETRY_BACKOFF: [1s, 2] }',
      'syncTimeout: 3m', // 10
      'repositories:',
      '  - { url: "git@github.com:acme/gitops", ci: { requierd: [] } }',
      '  - 5',
      'store: { kind: etcd, endpoints: ["https://etcd:2379"], username: op }',
      'bus: { kind: nats }',
      'elasticsearch: { url: https://es }',
      'log: info',
      'prometheus:',
    ].join('\n');
    let message = '';
    try {
      folder.load(yaml, {
        env: { AI_OPERATOR_HTTP__PORT: '70000' },
        flags: [{ flag: '--open-attempts', key: 'limits.openAttempts', value: -1 }],
      });
    } catch (error) {
      expect(error).to.be.instanceOf(ConfigError).and.to.include({ code: 'CONFIG_INVALID', category: 'config' });
      message = (error as Error).message;
    }
    expect(message.split('\n')).to.deep.equal([
      'the configuration has 23 faults:',
      '  prod.yaml:2:23  environments.staging.match.project: unknown key; did you mean `projects`?',
      '  prod.yaml:2:45  environments.staging.mode: `automatic` is not allowed; write one of `off`, `observe`, `propose`, `auto`',
      '  prod.yaml:3:3  environments.production.mode: missing; write one of `off`, `observe`, `propose`, `auto`',
      '  prod.yaml:3:17  environments.production.match: matches no application; write for instance `projects: [staging]`',
      '  prod.yaml:5:3  argocd.url: `argocd.example` is not an http or https address; write it like `https://argocd-server.argocd.svc`',
      '  prod.yaml:6:3  argocd.token: a secret does not belong into a configuration file; write `tokenFile: PATH` or set AI_OPERATOR_ARGOCD__TOKEN',
      '  prod.yaml:7:3  argocd.caFile: /nowhere/ca.crt cannot be read: no such file; create it or correct the path',
      '  prod.yaml:8:1  github: an App needs appId, installationId and privateKeyFile; add installationId and privateKeyFile',
      '  prod.yaml:8:22  github.tokn: unknown key; did you mean `tokenFile`?',
      '  prod.yaml:9:11  timing.syncTimeout: `10` has no unit; write `10m` (units: ms, s, m, h, d)',
      '  prod.yaml:9:28  timing.HEALTH_CHECK_INTERVAL: `10 sec` is not a duration; write a whole number and one of ms, s, m, h, d, such as `10s`',
      '  prod.yaml:9:83  timing.MCP_RETRY_BACKOFF[1]: `2` has no unit; write `2s` (units: ms, s, m, h, d)',
      '  prod.yaml:10:1  syncTimeout: unknown key here; write it as `timing.syncTimeout`',
      '  prod.yaml:12:7  repositories[0].url: `git@github.com:acme/gitops` is not the https address of a repository; write it like `https://github.com/acme/gitops`',
      '  prod.yaml:12:48  repositories[0].ci.requierd: unknown key; did you mean `required`?',
      '  prod.yaml:13:5  repositories[1]: `5` is not a group of keys; write below it: url, allApplicationsVisible, ci, mergeMethod',
      '  prod.yaml:14:1  store.passwordFile: missing; username needs it',
      '  prod.yaml:15:1  bus.servers: missing; write the addresses of NATS, such as `["nats://nats:4222"]`',
      '  prod.yaml:16:1  elasticsearch: not available in this version; the audit log goes to audit.directory',
      '  prod.yaml:17:1  log: `info` is not a group of keys; write below it: level, format',
      '  prod.yaml:18:1  prometheus: has no value; give it one or remove the key',
      '  AI_OPERATOR_HTTP__PORT  http.port: `70000` is not allowed; write a whole number from 0 to 65535',
      '  --open-attempts  limits.openAttempts: `-1` is not allowed; write a whole number from 0 to 1000',
    ]);
  });

  it('says what is missing from an empty file', () => {
    expect(folder.faults('')).to.deep.equal([
      'prod.yaml:1:1  environments: missing; write its keys: staging, production',
      'prod.yaml:1:1  argocd.url: missing; write an address, such as `https://argocd-server.argocd.svc`',
      'prod.yaml:1:1  repositories: missing; write a list, such as `[{ url: https://github.com/acme/gitops }]`',
      'prod.yaml:1:1  github: does not say who the operator is; write tokenFile, or appId, installationId and privateKeyFile',
    ]);
  });

  it('refuses a file that is not YAML, holds a key twice or is not a group of keys', () => {
    expect(folder.faults('a: [1,\n'))
      .to.have.length(1)
      .and.to.satisfy(([line]: string[]) => line?.startsWith('prod.yaml:2:1  not valid YAML: '));
    expect(folder.faults(`${LEAST}development: true\ndevelopment: false\n`)).to.deep.equal([
      'prod.yaml:7:1  not valid YAML: Map keys must be unique',
    ]);
    expect(folder.faults('- 1\n')).to.deep.equal([
      'prod.yaml:1:1  a list is not a group of keys; write below it: instance, development, environments, argocd, github, repositories, kubernetes, prometheus, store, bus, audit, killFile, timing, candidates, invariants, guards, limits, production, detection, http, httpMetrics, log, tracing, notify',
    ]);
  });

  it('refuses a bomb of aliases and keys that would change the prototype', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefghi'.split('').map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]`),
    ].join('\n');
    expect(folder.faults(bomb)).to.deep.equal([
      'prod.yaml:1:1  not usable: Excessive alias count indicates a resource exhaustion attack',
    ]);
    expect(
      folder.faults(`${LEAST}__proto__: { development: true }\nconstructor: { prototype: { x: 1 } }\n`),
    ).to.deep.equal(
      ['__proto__', 'constructor'].map(
        (key, i) =>
          `prod.yaml:${6 + i}:1  ${key}: unknown key; known here: instance, development, environments, argocd, github, repositories, kubernetes, prometheus, store, bus, audit, killFile, timing, candidates, invariants, guards, limits, production, detection, http, httpMetrics, log, tracing, notify`,
      ),
    );
    expect(({} as Record<string, unknown>)['development']).to.equal(undefined);
  });

  it('names the file that cannot be read', () => {
    expect(() => folder.load(LEAST, { file: 'other.yaml' })).to.throw(
      'configuration file other.yaml cannot be read: no such file',
    );
    expect(() => folder.load(LEAST, { file: '.' })).to.throw('configuration file . cannot be read: it is a folder');
  });

  it('never repeats a secret that stands where it should not', () => {
    const secret = `ghp_${'a1B2'.repeat(9)}`;
    const lines = folder.faults(`${LEAST.replace('github.token', secret)}instance: ${secret}\n${secret}: 1\n`, {
      env: { AI_OPERATOR_LOG__LEVEL: secret },
    });
    expect(lines).to.have.length(4);
    expect(lines.join('\n')).to.not.contain(secret.slice(5));
  });

  it('cannot be changed afterwards, down to the last entry of a list', () => {
    const seen = config();
    const objects: object[] = [];
    const walk = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      objects.push(value);
      Object.values(value).forEach(walk);
    };
    walk(seen);
    expect(objects.filter((o) => !Object.isFrozen(o))).to.deep.equal([]);
    expect(objects.length).to.be.greaterThan(30);
  });

  it('allows auto on a memory store only in development', () => {
    const auto = LEAST.replace('propose', 'auto');
    expect(highestMode(config(auto))).to.equal('propose');
    expect(highestMode(config(`${auto}development: true\n`))).to.equal('auto');
    expect(highestMode(config(`${auto}store: { kind: etcd, endpoints: ["https://etcd:2379"] }\n`))).to.equal('auto');
  });
});
