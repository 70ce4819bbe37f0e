import { expect } from 'chai';
import { ConfigFolder, LEAST } from './config-folder.js';

const more = (yaml: string): string => `${LEAST}${yaml}\n`;
const freeze = (yaml: string): string => more(`guards: { freeze: [{ name: f, timeZone: UTC, ${yaml} }] }`);
const NEEDS =
  'a freeze needs from and to, or weekly; write `from: 2026-12-23T18:00` and `to: 2027-01-02T08:00`, or `weekly: { days: [friday], from: 16:00, to: 24:00 }`';

/** What is written, and the one line that is answered. */
const CASES: readonly (readonly [what: string, yaml: string, line: string])[] = [
  [
    'an approval by API',
    more('production: { approvalSources: [github-review, api] }'),
    'prod.yaml:6:48  production.approvalSources[1]: `api` is not available in this version; write `github-review`',
  ],
  [
    'nobody who could approve',
    more('production: { approvalSources: [] }'),
    'prod.yaml:6:15  production.approvalSources: is empty, so nobody could approve; write `[github-review]`',
  ],
  [
    'an approval by nobody',
    more('production: { approvers: { count: 0 } }'),
    'prod.yaml:6:28  production.approvers.count: `0` is not allowed; write a whole number from 1 to 6',
  ],
  [
    'more approvals than people',
    more('production: { approvers: { count: 2, users: [a, a] } }'),
    'prod.yaml:6:15  production.approvers: count: 2 can never be reached by 2 user(s); name more users or teams, or lower count',
  ],
  [
    'a bot that approves',
    more('production: { approvers: { users: ["renovate[bot]"] } }'),
    'prod.yaml:6:36  production.approvers.users[0]: `renovate[bot]` is not the login of a person on GitHub; write it like `octocat`',
  ],
  [
    'a team without its organisation',
    more('production: { approvers: { teams: [sre] } }'),
    'prod.yaml:6:36  production.approvers.teams[0]: `sre` is not a team as organisation/team; write it like `acme/release-captains`',
  ],
  [
    'a role too low to approve',
    more('production: { approvers: { minRole: read } }'),
    'prod.yaml:6:28  production.approvers.minRole: `read` is not allowed; write one of `write`, `maintain`, `admin`',
  ],
  [
    'a share without percent',
    more('limits: { brake: { share: 0.3 } }'),
    'prod.yaml:6:20  limits.brake.share: `0.3` is not a share; write it like `30%`',
  ],
  [
    'a soak longer than the observation',
    more('candidates: { minSoak: 2d }'),
    'prod.yaml:6:15  candidates.minSoak: `2d` is longer than minObservation; write `24h` or less',
  ],
  [
    'a budget of an application over more than is remembered',
    more('guards: { perApplication: [{ count: 1, within: 30m }, { count: 2, within: 8d }] }'),
    'prod.yaml:6:67  guards.perApplication[1].within: `8d` is longer than rollbacks are remembered (7d), so older ones would not count; write `7d` or less',
  ],
  [
    'a budget of the fleet over more than is remembered',
    more('guards: { fleet: { within: 169h } }'),
    'prod.yaml:6:20  guards.fleet.within: `169h` is longer than rollbacks are remembered (7d), so older ones would not count; write `7d` or less',
  ],
  [
    'a brake over more than is remembered',
    more('limits: { brake: { failedRollbackWindow: 30d } }'),
    'prod.yaml:6:20  limits.brake.failedRollbackWindow: `30d` is longer than rollbacks are remembered (7d), so older ones would not count; write `7d` or less',
  ],
  [
    'a stall that is neither off nor a time',
    more('detection: { stalledProgress: true }'),
    'prod.yaml:6:14  detection.stalledProgress: write `off` or a duration, such as `5m`',
  ],
  [
    'an unknown time zone',
    more('guards: { freeze: [{ name: f, timeZone: Mars/Base, from: 2026-01-01T00:00, to: 2026-01-02T00:00 }] }'),
    'prod.yaml:6:31  guards.freeze[0].timeZone: no such time zone; write it like `Europe/Berlin` or `UTC`',
  ],
  ['a freeze without an end', freeze('from: 2026-01-01T00:00'), `prod.yaml:6:20  guards.freeze[0]: ${NEEDS}`],
  [
    'a freeze of both kinds',
    freeze('from: 2026-01-01T00:00, to: 2026-01-02T00:00, weekly: { days: [friday], from: 16:00, to: 24:00 }'),
    `prod.yaml:6:20  guards.freeze[0]: ${NEEDS}`,
  ],
  [
    'a freeze that ends before it begins',
    freeze('from: 2026-01-02T00:00, to: 2026-01-01T00:00'),
    'prod.yaml:6:20  guards.freeze[0]: ends before it begins; write a `to` that is later than `from`',
  ],
  [
    'a freeze by a date alone',
    freeze('from: 2026-01-01, to: 2026-01-02T00:00'),
    'prod.yaml:6:46  guards.freeze[0].from: `2026-01-01` is not a local date and time; write it like `2026-12-23T18:00`',
  ],
  [
    'a day that does not exist',
    freeze('from: 2026-02-30T00:00, to: 2026-03-02T00:00'),
    'prod.yaml:6:46  guards.freeze[0].from: no such day; write a date that exists',
  ],
  [
    'a day of the week cut short',
    freeze('weekly: { days: [fri], from: 16:00, to: 24:00 }'),
    'prod.yaml:6:63  guards.freeze[0].weekly.days[0]: `fri` is not allowed; write one of `monday`, `tuesday`, `wednesday`, `thursday`, `friday`, `saturday`, `sunday`',
  ],
  [
    'a time of day that does not exist',
    freeze('weekly: { days: [friday], from: 25:00, to: 24:00 }'),
    'prod.yaml:6:72  guards.freeze[0].weekly.from: `25:00` is not a time of day; write it like `16:00`',
  ],
  [
    'an API open to others without tokens',
    more('http: { host: 0.0.0.0 }'),
    'prod.yaml:6:9  http.host: `0.0.0.0` opens the API to others, and there are no tokens; write `host: 127.0.0.1` or give http.tokensFile',
  ],
  [
    'one port for two servers',
    more('http: { port: 9090 }'),
    'prod.yaml:6:9  http.port: `9090` is the port of httpMetrics as well; write another one, such as `8080`',
  ],
  [
    'one port for two servers, the other way round',
    more('httpMetrics: { port: 8080 }'),
    'prod.yaml:6:16  httpMetrics.port: `8080` is the port of http as well; write another one, such as `9090`',
  ],
  [
    'a level that is none',
    more('log: { level: verbose }'),
    'prod.yaml:6:8  log.level: `verbose` is not allowed; write one of `error`, `warn`, `info`, `debug`',
  ],
  [
    'a webhook without an address',
    more('notify: { webhooks: [{ name: a }] }'),
    'prod.yaml:6:22  notify.webhooks[0]: a webhook has one address; write either `url` or `urlFile`',
  ],
  [
    'two webhooks of one name',
    more('notify: { webhooks: [{ name: a, url: https://a }, { name: a, url: https://b }] }'),
    'prod.yaml:6:53  notify.webhooks[1].name: `a` is the name of another webhook; write a different one',
  ],
  [
    'a name with capitals',
    more('instance: Prod'),
    'prod.yaml:6:1  instance: `Prod` is not a name of lower case letters, digits and dashes; write it like `ai-operator`',
  ],
  [
    'a group where a value belongs',
    more('killFile: { path: a }'),
    'prod.yaml:6:1  killFile: is a value, not a group of keys; write it like `killFile: /var/lib/ai-operator/kill`',
  ],
  [
    'a value where a list belongs',
    more('guards: { freeze: none }'),
    'prod.yaml:6:11  guards.freeze: `none` is not a list; write it like `[]`',
  ],
  ['a key without a value', more('instance:'), 'prod.yaml:6:1  instance: has no value; give it one or remove the key'],
  [
    'a key with a slip',
    more('developement: true'),
    'prod.yaml:6:1  developement: unknown key; did you mean `development`?',
  ],
  [
    'a key in another style',
    more('http_metrics: { port: 1 }'),
    'prod.yaml:6:1  http_metrics: unknown key; did you mean `httpMetrics`?',
  ],
  [
    'a key at the wrong level',
    more('CI_WAIT_TIMEOUT: 5m'),
    'prod.yaml:6:1  CI_WAIT_TIMEOUT: unknown key here; write it as `timing.CI_WAIT_TIMEOUT`',
  ],
  ['a key of nothing', more('log: { rotate: 3 }'), 'prod.yaml:6:8  log.rotate: unknown key; known here: level, format'],
];

describe('a fault in rules, limits and doors', () => {
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
