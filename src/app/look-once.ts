import type { Clock } from '../base/clock.js';
import type { LoadedConfig } from '../config/load-config.js';
import { sameRepositoryUrl } from '../gitops/repository-url.js';
import { PolicyBook } from '../governance/policy-book.js';
import type { ApplicationKey, EpochMs, FleetEntry, HealthStatus } from '../model/application.js';
import type { DegradationCause } from '../model/health-finding.js';
import type { Environment, Mode } from '../model/policy.js';
import type { ArgoCd } from '../ports/argocd.js';
import { DegradationDetector } from '../stages/1-detection/degradation-detector.js';
import { StalledProgress } from '../stages/1-detection/stalled-progress.js';
import { plain } from '../surface/cli/paint.js';
import { table } from '../surface/cli/table.js';
import { utc } from '../base/time-words.js';
import { mapLimited } from './doctor/map-limited.js';
import { createArgoCd } from './outside.js';

const LOOK_TIMEOUT_MS = 60_000;
const IN_FLIGHT = 20;

/** A managed application that the list called Degraded, looked at live. */
export interface Suspicion {
  readonly application: ApplicationKey;
  readonly environment: Environment;
  readonly mode: Mode;
  readonly health: HealthStatus;
  readonly since?: EpochMs;
  readonly cause: DegradationCause;
  readonly unknownBecause?: string;
}
export interface OneLook {
  readonly at: EpochMs;
  readonly listed: number;
  readonly managed: number;
  readonly suspects: readonly Suspicion[];
  /** A suspect is Degraded, or cannot be told not to be. */
  readonly degraded: boolean;
}

/** `--once`: one list and one live check of each suspect; changes nothing anywhere. Throws what the list throws. */
export async function lookOnce(loaded: LoadedConfig, clock: Clock): Promise<OneLook> {
  const { config } = loaded;
  const retry = { count: config.timing.MCP_RETRY_COUNT, backoffMs: config.timing.MCP_RETRY_BACKOFF };
  const argocd = createArgoCd(config, clock, retry);
  try {
    return await look(argocd, new PolicyBook(config, sameRepositoryUrl), clock);
  } finally {
    await argocd.close();
  }
}

/** The same on a given Argo CD. */
export async function look(argocd: ArgoCd, policies: PolicyBook, clock: Clock): Promise<OneLook> {
  const detector = new DegradationDetector(clock, argocd, new StalledProgress(undefined, () => undefined));
  const fleet = await detector.listFleet(AbortSignal.timeout(LOOK_TIMEOUT_MS));
  const managed = fleet.filter((e) => policies.environmentOf(e) !== undefined);
  const red = managed.filter((e) => e.health === 'Degraded');
  const looked = await mapLimited(red, IN_FLIGHT, (entry) => check(entry, detector, policies));
  const suspects = looked.filter((s) => s !== undefined);
  const degraded = suspects.some((s) => s.health === 'Degraded' || s.health === 'Unknown');
  return { at: clock.now(), listed: fleet.length, managed: managed.length, suspects, degraded };
}

/** Undefined = an annotation takes it out of the operator's hands. */
async function check(
  entry: FleetEntry,
  detector: DegradationDetector,
  policies: PolicyBook,
): Promise<Suspicion | undefined> {
  const { HEALTH_CHECK_INTERVAL } = policies.config.timing;
  const finding = await detector.check(entry, HEALTH_CHECK_INTERVAL, AbortSignal.timeout(LOOK_TIMEOUT_MS));
  const policy = policies.policyOf(finding.snapshot ?? entry);
  if (policy === undefined) return undefined;
  const { health, unknownBecause } = finding.check;
  const since = finding.onset ?? entry.healthChangedAt;
  return {
    application: entry.application,
    environment: policy.environment,
    mode: policy.mode,
    health,
    cause: finding.cause,
    ...(since === undefined ? {} : { since }),
    ...(unknownBecause === undefined ? {} : { unknownBecause }),
  };
}

/** For people. */
export function oneLookText({ listed, managed, suspects }: OneLook): string {
  const first = `${listed} applications listed, ${managed} managed, ${suspects.length} suspects`;
  if (suspects.length === 0) return first;
  const rows = suspects.map((s) => [
    s.application,
    s.environment,
    s.mode,
    s.health,
    s.since === undefined ? '' : utc(s.since),
    s.unknownBecause ?? s.cause,
  ]);
  return `${first}\n\n${table(['APPLICATION', 'ENVIRONMENT', 'MODE', 'HEALTH', 'SINCE', 'CAUSE'], rows, plain)}`;
}
