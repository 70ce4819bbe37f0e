import type { EpochMs, HealthStatus } from '../../model/application.js';
import { resourceHealth } from '../world/application-health.js';
import type { SimulatedApplication } from '../world/simulated-application.js';
import type { Mood, RailEntry } from './rail-entry.js';

const ARGOCD = 'Argo CD';
/** Passing states: telling each would be noise. */
const UNTOLD: readonly HealthStatus[] = ['Progressing', 'Suspended'];

/** Tells what Argo CD shows of one application: syncs and health. */
export class ApplicationWatch {
  #health: HealthStatus;
  #deployments: number;
  #operation: string;

  constructor(private readonly app: SimulatedApplication) {
    this.#health = app.health.status;
    this.#deployments = app.history.at(-1)?.id ?? -1;
    this.#operation = operationWords(app);
  }

  look(): readonly RailEntry[] {
    return [...this.#syncs(), ...this.#operationFailure(), ...this.#healthChange()];
  }

  #syncs(): readonly RailEntry[] {
    const fresh = this.app.history.filter(({ id }) => id > this.#deployments);
    this.#deployments = fresh.at(-1)?.id ?? this.#deployments;
    return fresh.map(({ revision, deployedAt }) =>
      this.#entry(deployedAt, undefined, `synced to ${revision.slice(0, 10)}`),
    );
  }
  #operationFailure(): readonly RailEntry[] {
    const words = operationWords(this.app);
    const isNew = words !== this.#operation && words !== '';
    this.#operation = words;
    return isNew ? [this.#entry(this.app.operation?.finishedAt ?? Date.now(), 'bad', 'the sync fails', words)] : [];
  }
  #healthChange(): readonly RailEntry[] {
    const { status, since } = this.app.health;
    if (status === this.#health || UNTOLD.includes(status)) return [];
    this.#health = status;
    if (status === 'Healthy') return [this.#entry(since, 'good', 'Healthy')];
    return [this.#entry(since, 'bad', status, this.#ailment())];
  }

  /** What Argo CD would show beside the worst resource. */
  #ailment(): string | undefined {
    const { status } = this.app.health;
    const healths = [...this.app.managed.values()].map((reference) => resourceHealth(this.app, reference));
    return healths.find((one) => one?.status === status && one.message !== undefined)?.message;
  }
  #entry(at: EpochMs, mood: Mood | undefined, text: string, detail?: string): RailEntry {
    const details = detail === undefined ? {} : { details: [{ text: detail }] };
    return {
      at,
      who: ARGOCD,
      subject: this.app.settings.name,
      rank: 'event',
      ...(mood === undefined ? {} : { mood }),
      text,
      ...details,
    };
  }
}

function operationWords({ operation }: SimulatedApplication): string {
  return operation !== undefined && (operation.phase === 'Failed' || operation.retryCount > 0) ? operation.message : '';
}
