import { OperatorError } from '../../../src/base/errors.js';
import type {
  ApplicationKey,
  ApplicationSnapshot,
  FleetEntry,
  FleetSource,
  ResourceStatus,
  Revision,
} from '../../../src/model/application.js';
import type { ApplicationSyncStatus, ArgoCd, ArgoCdIdentity } from '../../../src/ports/argocd.js';
import { CallHooks } from './call-hooks.js';

/** Argo CD: applications as the test has set them. */
export class FakeArgoCd implements ArgoCd {
  readonly hooks = new CallHooks();
  readonly applications = new Map<ApplicationKey, ApplicationSnapshot>();
  /** With a clock every answer is freshly reconciled; without one it is as the test has set it. */
  reconciledNow: (() => number) | undefined;
  sync: ApplicationSyncStatus = { windowOpen: true, windows: 'no window' };
  /** What a refresh leads to. */
  onRefresh: (app: ApplicationKey) => void = () => {};
  render: (app: ApplicationKey, revision: Revision) => readonly string[] = (app, revision) => [
    JSON.stringify({ kind: 'Deployment', metadata: { name: app }, spec: { revision } }),
  ];
  live: (app: ApplicationKey, resource: ResourceStatus) => Readonly<Record<string, unknown>> = () => {
    throw new OperatorError('ARGOCD_RESOURCE_NOT_FOUND', 'terminal', 'there is no such object');
  };

  set(...snapshots: readonly ApplicationSnapshot[]): void {
    for (const s of snapshots) this.applications.set(s.application, s);
  }
  change(app: ApplicationKey, change: Partial<ApplicationSnapshot>): void {
    this.set({ ...this.get(app), ...change });
  }
  get(app: ApplicationKey): ApplicationSnapshot {
    const found = this.applications.get(app);
    if (found === undefined) throw new OperatorError('ARGOCD_NOT_FOUND', 'terminal', `there is no application ${app}`);
    return found;
  }

  listFleet(): Promise<readonly FleetEntry[]> {
    return this.hooks.run('listFleet', () => [...this.applications.values()].map(entryOf));
  }
  listSources(): Promise<readonly FleetSource[]> {
    return this.hooks.run('listSources', () => [...this.applications.values()]);
  }
  getApplicationHealth(app: ApplicationKey): Promise<ApplicationSnapshot> {
    return this.hooks.run(`getApplicationHealth ${app}`, () => ({
      ...this.get(app),
      ...(this.reconciledNow === undefined ? {} : { reconciledAt: this.reconciledNow() }),
    }));
  }
  getApplicationSyncStatus(app: ApplicationKey): Promise<ApplicationSyncStatus> {
    return this.hooks.run(`getApplicationSyncStatus ${app}`, () => this.sync);
  }
  refresh(app: ApplicationKey): Promise<void> {
    return this.hooks.run(`refresh ${app}`, () => this.onRefresh(app));
  }
  renderManifests(
    app: ApplicationKey,
    revision: Revision | readonly { readonly revision: Revision }[],
  ): Promise<readonly string[]> {
    return this.hooks.run(`renderManifests ${app}`, () =>
      this.render(app, typeof revision === 'string' ? revision : (revision[0]?.revision ?? '')),
    );
  }
  getLiveResource(app: ApplicationKey, resource: ResourceStatus): Promise<Readonly<Record<string, unknown>>> {
    return this.hooks.run(`getLiveResource ${app} ${resource.name}`, () => this.live(app, resource));
  }
  identity(): Promise<ArgoCdIdentity> {
    return Promise.resolve({ loggedIn: true, username: 'ai-operator', version: 'v3.1.0' });
  }
  canI(action: string): Promise<boolean> {
    return Promise.resolve(action === 'get');
  }
}
/** What the list says of an application. */
export function entryOf(s: ApplicationSnapshot): FleetEntry {
  const [syncRevision] = s.syncRevisions;
  return {
    application: s.application,
    project: s.project,
    destination: s.destination,
    health: s.health,
    ...(s.healthChangedAt === undefined ? {} : { healthChangedAt: s.healthChangedAt }),
    syncStatus: s.syncStatus,
    ...(syncRevision === undefined ? {} : { syncRevision }),
    ...(s.operation?.finishedAt === undefined
      ? {}
      : { operationPhase: s.operation.phase, operationFinishedAt: s.operation.finishedAt }),
  };
}
