import { z } from 'zod';
import type { Clock } from '../../base/clock.js';
import { OperatorError } from '../../base/errors.js';
import { withRetry, type RetryPolicy } from '../../base/retry.js';
import type {
  ApplicationKey,
  ApplicationSnapshot,
  FleetEntry,
  FleetSource,
  ResourceStatus,
  Revision,
} from '../../model/application.js';
import { splitApplicationKey } from '../../model/application.js';
import type { ApplicationSyncStatus, ArgoCd, ArgoCdIdentity, SourceRevision } from '../../ports/argocd.js';
import { ApplicationList, type ListFields } from './application-list.js';
import { snapshotOf } from './application-snapshot.js';
import { shapeOf } from './application-sources.js';
import { ArgoCdClient, type ArgoCdQuery, type ArgoCdSettings } from './argocd-client.js';
import {
  applicationSchema,
  applicationShapeSchema,
  canISchema,
  liveResourceSchema,
  manifestsSchema,
  syncWindowsSchema,
  userInfoSchema,
  versionSchema,
} from './argocd-schemas.js';
import { FleetLines } from './fleet-lines.js';
import { ItemsRead, readFleetSource } from './listed-items.js';
import { comparableManifests, parseObject, renderQuery } from './rendered-manifests.js';
import { syncStatusOf } from './sync-windows.js';

const RENDER_TIMEOUT_MS = 60_000;
const REFRESH_WAIT_MS = 10_000;

const FLEET_FIELDS: ListFields = {
  spec: ['project', 'destination'],
  others: [
    'metadata.name',
    'metadata.namespace',
    'status.health',
    'status.sync.status',
    'status.sync.revision',
    'status.operationState.phase',
    'status.operationState.finishedAt',
  ],
};
const SOURCE_FIELDS: ListFields = {
  spec: ['project', 'destination', 'source', 'sources', 'sourceHydrator'],
  others: ['metadata.name', 'metadata.namespace', 'metadata.annotations'],
};

/** Argo CD through its HTTP API, with a token that needs nothing but `applications, get`. */
export class ArgoCdHttpApi implements ArgoCd {
  readonly #client: ArgoCdClient;
  readonly #list: ApplicationList;
  readonly #lines = new FleetLines();
  constructor(
    private readonly settings: ArgoCdSettings,
    private readonly clock: Clock,
    private readonly retryPolicy: RetryPolicy,
  ) {
    this.#client = new ArgoCdClient(settings, clock, retryPolicy);
    this.#list = new ApplicationList(this.#client, settings);
  }

  async listFleet(signal: AbortSignal): Promise<readonly FleetEntry[]> {
    const list = await this.#list.read(FLEET_FIELDS, () => this.#lines.begin(), signal);
    this.#lines.keep(list);
    return list.values;
  }

  async listSources(signal: AbortSignal): Promise<readonly FleetSource[]> {
    const list = await this.#list.read(SOURCE_FIELDS, () => new ItemsRead(readFleetSource), signal);
    return list.values;
  }

  async getApplicationHealth(
    app: ApplicationKey,
    project: string | undefined,
    signal: AbortSignal,
  ): Promise<ApplicationSnapshot> {
    const snapshot = snapshotOf(await this.#client.get(this.#about(app, '', { project }), applicationSchema, signal));
    if (snapshot.application === app) return snapshot;
    const why = `ARGOCD: asked for ${app}, and the answer is about ${snapshot.application}`;
    throw new OperatorError('ARGOCD_MALFORMED', 'terminal', why);
  }

  async getApplicationSyncStatus(app: ApplicationKey, signal: AbortSignal): Promise<ApplicationSyncStatus> {
    const windows = await this.#client.get(this.#about(app, '/syncwindows'), syncWindowsSchema, signal);
    return syncStatusOf(windows.activeWindows ?? [], windows.assignedWindows ?? []);
  }

  async refresh(app: ApplicationKey, signal: AbortSignal): Promise<void> {
    const timeoutMs = this.settings.refreshWaitMs ?? REFRESH_WAIT_MS;
    const call = { ...this.#about(app, '', { refresh: 'normal' }), timeoutMs, retry: false };
    try {
      await this.#client.get(call, z.unknown(), signal);
    } catch (error) {
      // Argo CD notes the wish first and then answers only when the refresh is over: a wait that ran out is no failure.
      if (!isWaitOver(error)) throw error;
    }
  }

  async renderManifests(
    app: ApplicationKey,
    revision: Revision | readonly SourceRevision[],
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    const { spec } = await this.#client.get(this.#about(app, ''), applicationShapeSchema, signal);
    const query = renderQuery(app, shapeOf(spec), spec.sources?.length ?? 0, revision);
    const timeoutMs = this.settings.renderTimeoutMs ?? RENDER_TIMEOUT_MS;
    const call = { ...this.#about(app, '/manifests', query), timeoutMs, retry: false };
    // Retried here and not by the client: what cannot be rendered looks like a server error, and costs each time.
    return withRetry(this.clock, this.retryPolicy, signal, async () => {
      try {
        const answer = await this.#client.get(call, manifestsSchema, signal);
        return comparableManifests(app, answer.manifests ?? []);
      } catch (error) {
        if (!isRenderFailure(error)) throw error;
        const why = `${app} cannot be rendered: ${error.message}`;
        throw new OperatorError('ARGOCD_RENDER_FAILED', 'terminal', why, { cause: error });
      }
    });
  }

  async getLiveResource(
    app: ApplicationKey,
    resource: ResourceStatus,
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, unknown>>> {
    const { group, version, kind, namespace, name } = resource;
    try {
      const query = { namespace, resourceName: name, version, group, kind };
      const { manifest } = await this.#client.get(this.#about(app, '/resource', query), liveResourceSchema, signal);
      return parseObject(`${kind} ${namespace}/${name} of ${app}`, manifest);
    } catch (error) {
      if (!(error instanceof OperatorError) || error.code !== 'ARGOCD_NOT_FOUND') throw error;
      // The object is gone from its cluster; ARGOCD_NOT_FOUND would say that of the application.
      const why = `${kind} ${namespace}/${name} of ${app}: ${error.message}`;
      throw new OperatorError('ARGOCD_RESOURCE_NOT_FOUND', 'terminal', why, { cause: error, status: 404 });
    }
  }

  async identity(signal: AbortSignal): Promise<ArgoCdIdentity> {
    const user = await this.#client.get({ path: 'v1/session/userinfo' }, userInfoSchema, signal);
    const { Version: version } = await this.#client.get({ path: 'version' }, versionSchema, signal);
    return { loggedIn: user.loggedIn === true, username: user.username ?? '', version };
  }

  async canI(action: 'get' | 'sync' | 'update' | 'delete', project: string, signal: AbortSignal): Promise<boolean> {
    const path = `v1/account/can-i/applications/${action}/${encodeURIComponent(`${project}/`)}*`;
    return (await this.#client.get({ path }, canISchema, signal)).value === 'yes';
  }

  /** Lets go of the connections. */
  async close(): Promise<void> {
    await this.#client.close();
  }

  #about(app: ApplicationKey, below: string, query: ArgoCdQuery['query'] = {}): ArgoCdQuery {
    const { namespace, name } = splitApplicationKey(app);
    const path = `v1/applications/${encodeURIComponent(name)}${below}`;
    return { path, query: { appNamespace: namespace, ...query } };
  }
}

/** Our own deadline, or Argo CD's ("application refresh deadline exceeded"). */
function isWaitOver(error: unknown): boolean {
  if (!(error instanceof OperatorError) || error.category !== 'transient') return false;
  if (error.status === undefined) return error.cause instanceof Error && error.cause.name === 'TimeoutError';
  return error.status === 504 || /deadline exceeded/.test(error.message);
}

/** The renderer's verdict comes as 500 with these words; any other 500, 503, 504 and silence are about reaching it. */
function isRenderFailure(error: unknown): error is OperatorError {
  if (!(error instanceof OperatorError)) return false;
  const isVerdict = /generat\w* manifest|manifest generation/i.test(error.message);
  return error.status === 400 || (error.status === 500 && isVerdict);
}
