import { expect } from 'chai';
import { ConfigFolder, LEAST } from './config-folder.js';

const more = (yaml: string): string => `${LEAST}${yaml}\n`;
const github = (yaml: string): string => LEAST.replace('{ tokenFile: github.token }', yaml);
const repository = (yaml: string): string => LEAST.replace('[{ url: https://github.com/acme/gitops }]', yaml);
const staging = (yaml: string): string => LEAST.replace('{ match: { projects: [staging] }, mode: propose }', yaml);

/** What is written, and the one line that is answered. */
const CASES: readonly (readonly [what: string, yaml: string, line: string])[] = [
  [
    'a wait without a unit',
    more('timing: { HEALTH_CHECK_INTERVAL: "10" }'),
    'prod.yaml:6:11  timing.HEALTH_CHECK_INTERVAL: `10` has no unit; write `10s` (units: ms, s, m, h, d)',
  ],
  [
    'a wait of a wrong kind',
    more('timing: { syncTimeout: true }'),
    'prod.yaml:6:11  timing.syncTimeout: not a duration; write a whole number and one of ms, s, m, h, d, such as `10m`',
  ],
  [
    'a wait that is too short',
    more('timing: { sweepInterval: 1ms }'),
    'prod.yaml:6:11  timing.sweepInterval: too short; write `10ms` or more',
  ],
  [
    'a wait that is too long',
    more('timing: { retryAfter: 30d }'),
    'prod.yaml:6:11  timing.retryAfter: too long; write `14d` or less',
  ],
  [
    'no pauses between retries',
    more('timing: { MCP_RETRY_BACKOFF: [] }'),
    'prod.yaml:6:11  timing.MCP_RETRY_BACKOFF: is empty; write `[1s, 2s, 4s]`',
  ],
  [
    'a count with a unit',
    more('timing: { DEGRADATION_PERSISTENCE_CHECKS: 3s }'),
    'prod.yaml:6:11  timing.DEGRADATION_PERSISTENCE_CHECKS: `3s` is not allowed; write a whole number from 1 to 8',
  ],
  [
    'a confirmation that can never be reached',
    more('timing: { confirmTimeout: 30s }'),
    'prod.yaml:6:11  timing.confirmTimeout: `30s` is not longer than DEGRADATION_PERSISTENCE_CHECKS checks (30s), so it would always run out; write more, or leave it at `10m`',
  ],
  [
    'a recovery that can never be seen',
    more('timing: { recoveryTimeout: 1m }'),
    'prod.yaml:6:11  timing.recoveryTimeout: `1m` is not longer than HEALTH_RESTORATION_DURATION (1m), so it would always run out; write more, or leave it at `15m`',
  ],
  [
    'checks that can never settle',
    more('timing: { CI_WAIT_TIMEOUT: 30s }'),
    'prod.yaml:6:11  timing.CI_WAIT_TIMEOUT: `30s` is not longer than ciSettleWindow (1m), so it would always run out; write more, or leave it at `5m`',
  ],
  [
    'an environment without a mode',
    staging('{ match: { projects: [a] } }'),
    'prod.yaml:2:3  environments.staging.mode: missing; write one of `off`, `observe`, `propose`, `auto`',
  ],
  [
    'an environment that matches nothing',
    staging('{ match: { projects: [] }, mode: off }'),
    'prod.yaml:2:14  environments.staging.match: matches no application; write for instance `projects: [staging]`',
  ],
  [
    'an unknown environment',
    staging('{ match: { projects: [a] }, mode: off }\n  stagging: {}'),
    'prod.yaml:3:3  environments.stagging: unknown key; did you mean `staging`?',
  ],
  [
    'an application without its namespace',
    staging('{ match: { applications: [checkout] }, mode: off }'),
    'prod.yaml:2:38  environments.staging.match.applications[0]: `checkout` is not `<namespace>/<name>`; write it like `argocd/checkout-*`',
  ],
  [
    'a destination told twice',
    staging('{ match: { destinations: [{ server: "https://k", name: k }] }, mode: off }'),
    'prod.yaml:2:38  environments.staging.match.destinations[0]: a destination is told by server or name, and by namespace; write `{ name: in-cluster, namespace: staging }`',
  ],
  [
    'a path outside the repository',
    staging('{ match: { projects: [a] }, mode: off, paths: [../x] }'),
    'prod.yaml:2:59  environments.staging.paths[0]: `../x` is not a pattern of files in the repository; write it like `apps/*/overlays/staging/**`',
  ],
  [
    'a path of both environments',
    staging(
      '{ match: { projects: [a] }, mode: off, paths: [x/**] }\n  production: { match: { projects: [b] }, mode: off, paths: [x/**] }',
    ),
    'prod.yaml:2:59  environments.staging.paths[0]: `x/**` is given to production too; a path belongs to one environment',
  ],
  [
    'an address with credentials',
    LEAST.replace('https://argocd.example', 'https://u:p@argocd.example'),
    'prod.yaml:3:11  argocd.url: an address must not hold credentials; write it like `https://argocd-server.argocd.svc`',
  ],
  [
    'an address with a query',
    LEAST.replace('https://argocd.example', 'https://argocd.example/?a=b'),
    'prod.yaml:3:11  argocd.url: an address must end with its path, without ? or #; write it like `https://argocd-server.argocd.svc`',
  ],
  [
    'an address without a scheme',
    LEAST.replace('https://argocd.example', 'argocd.example:443'),
    'prod.yaml:3:11  argocd.url: `argocd.example:443` is not an http or https address; write it like `https://argocd-server.argocd.svc`',
  ],
  [
    'a source of a later version',
    LEAST.replace('argocd.token }', 'argocd.token, source: kubernetes }'),
    'prod.yaml:3:65  argocd.source: `kubernetes` is not available in this version; write `api`',
  ],
  [
    'no token for Argo CD',
    LEAST.replace(', tokenFile: argocd.token', ''),
    'prod.yaml:3:1  argocd.tokenFile: missing; write the path of a file with the API token, such as `/run/secrets/argocd/token`',
  ],
  [
    'a token in the file',
    github('{ token: abc, tokenFile: github.token }'),
    'prod.yaml:4:11  github.token: a secret does not belong into a configuration file; write `tokenFile: PATH` or set AI_OPERATOR_GITHUB__TOKEN',
  ],
  [
    'a private key in the file',
    github('{ privateKey: abc, tokenFile: github.token }'),
    'prod.yaml:4:11  github.privateKey: a secret does not belong into a configuration file; write `privateKeyFile: PATH` or set AI_OPERATOR_GITHUB__PRIVATE_KEY',
  ],
  [
    'tokens in the file',
    more('http: { tokens: [a] }'),
    'prod.yaml:6:9  http.tokens: a secret does not belong into a configuration file; write `tokensFile: PATH`',
  ],
  [
    'a password nobody asked for',
    more('notify: { password: a }'),
    'prod.yaml:6:11  notify.password: a secret does not belong into a configuration file, and this key is unknown; known here: webhooks',
  ],
  [
    'nobody to be on GitHub',
    github('{ url: "https://github.com" }'),
    'prod.yaml:4:1  github: does not say who the operator is; write tokenFile, or appId, installationId and privateKeyFile',
  ],
  [
    'two identities on GitHub',
    github('{ tokenFile: github.token, appId: 1 }'),
    'prod.yaml:4:1  github: names a token and an App; keep either tokenFile or appId, installationId and privateKeyFile',
  ],
  [
    'half an App',
    github('{ appId: 1, installationId: 2 }'),
    'prod.yaml:4:1  github: an App needs appId, installationId and privateKeyFile; add privateKeyFile',
  ],
  [
    'an App id that is a text',
    github('{ tokenFile: github.token, appId: "12" }'),
    'prod.yaml:4:36  github.appId: `12` is not allowed; write a whole number from 1 to 9007199254740991',
  ],
  [
    'no repository',
    repository('[]'),
    'prod.yaml:5:1  repositories: is empty, so nothing could be rolled back; write `- { url: https://github.com/acme/gitops }`',
  ],
  [
    'one repository that is no list',
    repository('{ url: "https://github.com/acme/gitops" }'),
    'prod.yaml:5:1  repositories: is a value, not a group of keys; write it like `repositories: [...]`',
  ],
  [
    'a repository on another host',
    repository('[{ url: https://ghe.example/acme/gitops }]'),
    'prod.yaml:5:18  repositories[0].url: `https://ghe.example/acme/gitops` does not live on github.url `https://github.com`; correct one of them',
  ],
  [
    'a repository named twice',
    repository('[{ url: https://github.com/acme/gitops }, { url: https://github.com/Acme/gitops.git }]'),
    'prod.yaml:5:59  repositories[1].url: `https://github.com/Acme/gitops` is named twice; remove one of the entries',
  ],
  [
    'a merge method of a later version',
    repository('[{ url: https://github.com/acme/gitops, mergeMethod: queue }]'),
    'prod.yaml:5:55  repositories[0].mergeMethod: `queue` is not allowed; write one of `merge`, `squash`, `rebase`',
  ],
  [
    'two clusters',
    more('kubernetes: { inCluster: true, enabled: false }'),
    'prod.yaml:6:1  kubernetes: says where the cluster is more than once or not at all; write exactly one of `inCluster: true`, `kubeconfigFile: PATH`, `enabled: false`',
  ],
  [
    'no cluster',
    more('kubernetes: { inCluster: false }'),
    'prod.yaml:6:1  kubernetes: says where the cluster is more than once or not at all; write exactly one of `inCluster: true`, `kubeconfigFile: PATH`, `enabled: false`',
  ],
  [
    'Elasticsearch',
    more('audit: { elasticsearch: { url: x } }'),
    'prod.yaml:6:10  audit.elasticsearch: not available in this version; the audit log goes to audit.directory',
  ],
];

describe('a fault in what is watched and reached', () => {
  const folder = new ConfigFolder();
  after(() => {
    folder.remove();
  });
  for (const [what, yaml, line] of CASES) {
    it(`is told in one line that says what to write: ${what}`, () => {
      expect(folder.faults(yaml)).to.deep.equal([line]);
    });
  }
});
