import { expect } from 'chai';
import { ConfigFolder, LEAST } from './config-folder.js';

const AUTO = `${LEAST.replace('propose', 'auto')}development: true\n`;
const READY = `${AUTO.replace('gitops }', 'gitops, allApplicationsVisible: true }')}prometheus: { url: https://prometheus.example }\n`;
const NEVER = 'environments.staging.mode is auto, but nothing will be merged by itself';
const CASES: readonly (readonly [what: string, yaml: string, warnings: readonly string[]])[] = [
  ['nothing, when everything automatic needs is there', READY, []],
  [
    'a memory store that cannot carry auto',
    READY.replace('development: true\n', ''),
    [
      'environments.staging.mode is auto, but the effective mode is propose: store.kind memory forgets latches and budgets at a restart (development: true allows it)',
    ],
  ],
  [
    'rules that can never hold',
    AUTO,
    [
      `${NEVER}: I1 needs environments.staging.paths or a repository with allApplicationsVisible: true`,
      `${NEVER}: I5 needs metrics, and there is no prometheus section`,
    ],
  ],
  [
    'a cluster that is not asked',
    `${READY}kubernetes: { enabled: false }\n`,
    [`${NEVER} for applications in this cluster: I3 needs kubernetes, which is disabled`],
  ],
  [
    'a match that fits everything',
    READY.replace('[staging]', '["*"]'),
    ['environments.staging.match fits every application: whatever production does not match is taken for staging'],
  ],
  [
    'a switch without effect',
    `${READY.replace('environments:\n', 'environments:\n  production: { match: { projects: [p] }, mode: propose }\n')}production: { mergeAfterApproval: true }\n`,
    ['production.mergeAfterApproval has no effect while environments.production.mode is propose; it needs auto'],
  ],
  [
    'a token in clear text',
    READY.replace('https://argocd.example', 'http://argocd.example'),
    ['argocd.url is http, so the token travels in clear text; use https'],
  ],
  [
    'no clear text on this machine itself',
    READY.replace('https://argocd.example', 'http://127.0.0.1:8080').replace('https://prometheus', 'http://prometheus'),
    [],
  ],
];

describe('a warning', () => {
  const folder = new ConfigFolder();
  after(() => {
    folder.remove();
  });
  for (const [what, yaml, warnings] of CASES) {
    it(`tells ${what}`, () => {
      expect(folder.load(yaml).warnings).to.deep.equal(warnings);
    });
  }
  it('tells a secret that everybody on the machine may read', () => {
    folder.write('open.token', 'x', 0o644);
    expect(folder.load(READY.replace('github.token', 'open.token')).warnings).to.deep.equal([
      `github.tokenFile: ${folder.path}/open.token holds a secret and everybody may read it; take the right away (chmod o-r, or defaultMode: 0440 of the volume)`,
    ]);
  });
});
