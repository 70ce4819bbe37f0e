import { MOST_KEPT_CHECKS } from '../model/health-check.js';
import { RETENTION_MS } from '../model/mark.js';
import { DEFAULT_TIMING } from '../model/timing.js';
import { formatDuration } from '../base/written-duration.js';
import type { KeyPath } from './faults.js';
import type { KeyFault } from './known-keys.js';
import { highestMode, type OperatorConfig } from './operator-config.js';

type Sections = Partial<OperatorConfig>;
type Say = (path: KeyPath, message: string) => void;

/** Rules across keys. A rule is silent while a section it needs has faults of its own. */
export function crossChecks(sections: Sections): {
  readonly faults: readonly KeyFault[];
  readonly warnings: readonly string[];
} {
  const faults: KeyFault[] = [];
  const warnings: string[] = [];
  const fault: Say = (path, message) => faults.push({ path, message });
  for (const check of [argocdToken, githubIdentity, repositories, ports, timing, soak, budgets, webhooks, sharedPaths])
    check(sections, fault);
  for (const warn of [memoryStore, neverAutomatic, wideMatch, mergeWithoutAuto, clearText])
    warnings.push(...warn(sections));
  return { faults, warnings };
}

function argocdToken({ argocd }: Sections, fault: Say): void {
  if (argocd === undefined || argocd.tokenFile !== undefined || argocd.token !== undefined) return;
  fault(
    ['argocd', 'tokenFile'],
    'missing; write the path of a file with the API token, such as `/run/secrets/argocd/token`',
  );
}

function githubIdentity({ github }: Sections, fault: Say): void {
  if (github === undefined) return;
  const byToken = github.tokenFile !== undefined || github.token !== undefined;
  const key = github.privateKeyFile ?? github.privateKey;
  const parts = { appId: github.appId, installationId: github.installationId, privateKeyFile: key };
  const absent = Object.entries(parts).flatMap(([name, value]) => (value === undefined ? [name] : []));
  if (byToken && absent.length < 3) {
    fault(['github'], 'names a token and an App; keep either tokenFile or appId, installationId and privateKeyFile');
  } else if (!byToken && absent.length === 3) {
    fault(['github'], 'does not say who the operator is; write tokenFile, or appId, installationId and privateKeyFile');
  } else if (!byToken && absent.length > 0) {
    fault(['github'], `an App needs appId, installationId and privateKeyFile; add ${absent.join(' and ')}`);
  }
}

function repositories({ repositories: all, github }: Sections, fault: Say): void {
  (all ?? []).forEach(({ url }, i) => {
    const first = all?.findIndex((other) => other.url.toLowerCase() === url.toLowerCase());
    if (first !== i) fault(['repositories', i, 'url'], `\`${url}\` is named twice; remove one of the entries`);
    if (github !== undefined && !url.toLowerCase().startsWith(`${github.url.toLowerCase()}/`)) {
      fault(
        ['repositories', i, 'url'],
        `\`${url}\` does not live on github.url \`${github.url}\`; correct one of them`,
      );
    }
  });
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
function ports({ http, httpMetrics }: Sections, fault: Say): void {
  if (http !== undefined && http.tokensFile === undefined && !isLoopback(http.host)) {
    fault(
      ['http', 'host'],
      `\`${http.host}\` opens the API to others, and there are no tokens; write \`host: 127.0.0.1\` or give http.tokensFile`,
    );
  }
  if (http === undefined || httpMetrics === undefined || http.port !== httpMetrics.port || http.port === 0) return;
  // Blame the one that was written: 9090 is where the metrics are unless somebody says otherwise.
  const [blamed, other, example] =
    httpMetrics.port === 9090 ? (['http', 'httpMetrics', 8080] as const) : (['httpMetrics', 'http', 9090] as const);
  fault(
    [blamed, 'port'],
    `\`${http.port}\` is the port of ${other} as well; write another one, such as \`${example}\``,
  );
}

function timing({ timing: t }: Sections, fault: Say): void {
  if (t === undefined) return;
  const confirmation = t.DEGRADATION_PERSISTENCE_CHECKS * t.HEALTH_CHECK_INTERVAL;
  const longer = (key: 'confirmTimeout' | 'recoveryTimeout' | 'CI_WAIT_TIMEOUT', least: number, why: string): void => {
    if (t[key] > least) return;
    const words = `\`${formatDuration(t[key])}\` is not longer than ${why} (${formatDuration(least)})`;
    fault(
      ['timing', key],
      `${words}, so it would always run out; write more, or leave it at \`${formatDuration(DEFAULT_TIMING[key])}\``,
    );
  };
  const checks = Math.ceil(t.HEALTH_RESTORATION_DURATION / t.HEALTH_CHECK_INTERVAL);
  if (checks + 3 > MOST_KEPT_CHECKS) {
    fault(
      ['timing', 'HEALTH_RESTORATION_DURATION'],
      `\`${formatDuration(t.HEALTH_RESTORATION_DURATION)}\` takes ${checks} checks to prove, at most ${MOST_KEPT_CHECKS - 3} are kept; write less, or a longer HEALTH_CHECK_INTERVAL`,
    );
  }
  longer('confirmTimeout', confirmation, 'DEGRADATION_PERSISTENCE_CHECKS checks');
  longer('recoveryTimeout', t.HEALTH_RESTORATION_DURATION, 'HEALTH_RESTORATION_DURATION');
  longer('CI_WAIT_TIMEOUT', t.ciSettleWindow, 'ciSettleWindow');
}

function soak({ candidates }: Sections, fault: Say): void {
  if (candidates === undefined || candidates.minSoakMs <= candidates.minObservationMs) return;
  const least = formatDuration(candidates.minObservationMs);
  fault(
    ['candidates', 'minSoak'],
    `\`${formatDuration(candidates.minSoakMs)}\` is longer than minObservation; write \`${least}\` or less`,
  );
}

/** What the store has forgotten cannot be counted: a longer window would let through more than it says. */
function budgets({ guards, limits }: Sections, fault: Say): void {
  const windows: readonly (readonly [KeyPath, number | undefined])[] = [
    ...(guards?.perApplication ?? []).map((a, i) => [['guards', 'perApplication', i, 'within'], a.windowMs] as const),
    [['guards', 'fleet', 'within'], guards?.fleet.windowMs],
    [['limits', 'brake', 'failedRollbackWindow'], limits?.brake.failedRollbackWindowMs],
  ];
  const most = formatDuration(RETENTION_MS);
  for (const [path, windowMs = 0] of windows) {
    if (windowMs <= RETENTION_MS) continue;
    const words = `\`${formatDuration(windowMs)}\` is longer than rollbacks are remembered (${most})`;
    fault(path, `${words}, so older ones would not count; write \`${most}\` or less`);
  }
}

function webhooks({ notify }: Sections, fault: Say): void {
  const names = (notify?.webhooks ?? []).map(({ name }) => name);
  names.forEach((name, i) => {
    if (names.indexOf(name) !== i)
      fault(['notify', 'webhooks', i, 'name'], `\`${name}\` is the name of another webhook; write a different one`);
  });
}

function sharedPaths({ environments }: Sections, fault: Say): void {
  const production = environments?.production?.paths ?? [];
  (environments?.staging?.paths ?? []).forEach((glob, i) => {
    if (!production.includes(glob)) return;
    fault(
      ['environments', 'staging', 'paths', i],
      `\`${glob}\` is given to production too; a path belongs to one environment`,
    );
  });
}

function memoryStore({ environments, store, development }: Sections): readonly string[] {
  if (store === undefined || development === undefined || highestMode({ store, development }) === 'auto') return [];
  return automatic(environments).map(
    (name) =>
      `environments.${name}.mode is auto, but the effective mode is propose: store.kind memory forgets latches and budgets at a restart (development: true allows it)`,
  );
}
const automatic = (environments: Sections['environments']): readonly ('staging' | 'production')[] =>
  (['staging', 'production'] as const).filter((name) => environments?.[name]?.mode === 'auto');

function neverAutomatic({ environments, repositories: all, prometheus, kubernetes }: Sections): readonly string[] {
  const staging = environments?.staging;
  if (staging?.mode !== 'auto') return [];
  const where = 'environments.staging.mode is auto, but nothing will be merged by itself';
  const visible = all === undefined || all.some((r) => r.allApplicationsVisible);
  return [
    ...(staging.paths.length > 0 || visible
      ? []
      : [`${where}: I1 needs environments.staging.paths or a repository with allApplicationsVisible: true`]),
    ...(prometheus === undefined ? [`${where}: I5 needs metrics, and there is no prometheus section`] : []),
    ...(kubernetes !== undefined && 'enabled' in kubernetes
      ? [`${where} for applications in this cluster: I3 needs kubernetes, which is disabled`]
      : []),
  ];
}

function wideMatch({ environments }: Sections): readonly string[] {
  const match = environments?.staging?.match;
  if (match === undefined) return [];
  const wide =
    [...match.projects, ...match.namespaces].some((p) => /^\*+$/.test(p)) ||
    match.applications.some((p) => /^\*+\/\*+$/.test(p));
  return wide
    ? ['environments.staging.match fits every application: whatever production does not match is taken for staging']
    : [];
}

function mergeWithoutAuto({ environments, production }: Sections): readonly string[] {
  const mode = environments?.production?.mode;
  if (production?.mergeAfterApproval !== true || mode === undefined || mode === 'auto') return [];
  return [`production.mergeAfterApproval has no effect while environments.production.mode is ${mode}; it needs auto`];
}

function clearText({ argocd, github, prometheus, store, bus }: Sections): readonly string[] {
  const endpoints = store?.kind === 'etcd' ? store.endpoints : [];
  const hasPassword = store?.kind === 'etcd' && store.passwordFile !== undefined;
  const upstreams = [
    ['argocd.url', argocd?.url, true],
    ['github.apiUrl', github?.apiUrl, true],
    ['prometheus.url', prometheus?.url, prometheus?.tokenFile !== undefined || prometheus?.token !== undefined],
    ...endpoints.map((url) => ['store.endpoints', url, hasPassword] as const),
  ] as const;
  const warnings = upstreams.flatMap(([key, url, hasToken]) =>
    url?.startsWith('http:') === true && hasToken && !isLoopbackUrl(url)
      ? [`${key} is http, so the ${key === 'store.endpoints' ? 'password' : 'token'} travels in clear text; use https`]
      : [],
  );
  if (bus?.kind !== 'nats' || bus.caFile !== undefined) return warnings;
  const secret = bus.tokenFile !== undefined ? 'token' : bus.passwordFile !== undefined ? 'password' : undefined;
  const open = bus.servers.filter((url) => url.startsWith('nats:') && !isLoopbackUrl(url));
  return open.length === 0 || secret === undefined
    ? warnings
    : [...warnings, `bus.servers is not encrypted, so the ${secret} travels in clear text; use tls://`];
}
const isLoopbackUrl = (url: string): boolean => isLoopback(new URL(url).hostname.replaceAll(/[[\]]/g, ''));
