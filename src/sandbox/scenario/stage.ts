import type { Clock } from '../../base/clock.js';
import type { ArgoCdSandbox } from '../argocd/argocd-server.js';
import type { FaultPlan } from '../faults.js';
import type { GitHubSandbox } from '../github/github-sandbox.js';
import type { Journal } from '../journal.js';
import type { Scenario } from '../scenario.js';
import type { World } from '../world.js';

/** What somebody outside has seen an attempt of the operator do. */
export interface NotedAttempt {
  /** Tells two attempts of one application apart. */
  readonly id?: string;
  /** `<namespace>/<name>`, or a bare name in `argocd`. */
  readonly application: string;
  readonly state: string;
  /** Why it ended, or the step an open one is in. */
  readonly reason?: string;
  /** Why it ended, in a sentence. */
  readonly why?: string;
  /** Rules that keep the operator from merging by itself. */
  readonly barredBy?: readonly string[];
}

/** Everything the timeline of a scenario acts on. */
export interface ScenarioStage {
  readonly scenario: Scenario;
  readonly clock: Clock;
  readonly speed: number;
  readonly world: World;
  readonly github: GitHubSandbox;
  readonly argocd: ArgoCdSandbox;
  /** The operator's token for Argo CD. */
  readonly argocdToken: string;
  readonly journal: Journal;
  readonly faults: FaultPlan;
  /** Commits by the ids the scenario gives them. */
  readonly commits: Map<string, string>;
  readonly attempts: readonly NotedAttempt[];
}
