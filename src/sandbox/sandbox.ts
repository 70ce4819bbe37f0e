import { join } from 'node:path';
import { SystemClock } from '../base/clock.js';
import type { Clock } from '../base/clock.js';
import { readerOf } from './argocd/argocd-access.js';
import { ArgoCdSandbox } from './argocd/argocd-server.js';
import { FaultPlan } from './faults.js';
import { GitHubSandbox } from './github/github-sandbox.js';
import type { GitHubSandboxOptions } from './github/options.js';
import { Journal } from './journal.js';
import { KubernetesSandbox } from './kubernetes/kubernetes-server.js';
import { NoticeBoard } from './notices/notice-board.js';
import { PrometheusSandbox } from './prometheus/prometheus-server.js';
import { repositoryUrl, seedApplications, seedCommits } from './scenario/seed.js';
import type { NotedAttempt, ScenarioStage } from './scenario/stage.js';
import { TimelineRunner } from './scenario/timeline-runner.js';
import { unmetExpectations } from './scenario/unmet-expectations.js';
import type { Scenario } from './scenario.js';
import { World } from './world.js';

/** A port for each server. */
export interface SandboxPorts {
  readonly argocd: number;
  readonly github: number;
  readonly kubernetes: number;
  readonly prometheus: number;
  readonly notices: number;
}
/** How a scenario is run. */
export interface SandboxOptions {
  /** Divides every wait of the world; the scenario's own unless told, and never above its `fastest`. */
  readonly speed?: number;
  /** Where the git repository is made. Must not hold one of an earlier run. */
  readonly directory: string;
  /** The machine's unless told. */
  readonly clock?: Clock;
  /** Free ones unless told. */
  readonly ports?: SandboxPorts;
}

/** What the operator needs to come in. */
export interface SandboxCredentials {
  readonly argocdToken: string;
  readonly githubToken: string;
  readonly githubApp: GitHubSandbox['app'];
  readonly kubernetesToken: string;
}

/** The servers over one world, with the timeline of a scenario. */
export class Sandbox {
  readonly timeline: TimelineRunner;
  readonly #attempts: NotedAttempt[];

  constructor(
    readonly stage: ScenarioStage,
    readonly urls: Readonly<Record<keyof SandboxPorts, string>>,
    readonly credentials: SandboxCredentials,
    private readonly servers: readonly { close(): Promise<void> }[],
    attempts: NotedAttempt[],
  ) {
    this.timeline = new TimelineRunner(stage);
    this.#attempts = attempts;
  }
  get scenario(): Scenario {
    return this.stage.scenario;
  }
  get speed(): number {
    return this.stage.speed;
  }
  get world(): World {
    return this.stage.world;
  }
  get github(): GitHubSandbox {
    return this.stage.github;
  }
  get argocd(): ArgoCdSandbox {
    return this.stage.argocd;
  }
  get journal(): Journal {
    return this.stage.journal;
  }
  get faults(): FaultPlan {
    return this.stage.faults;
  }
  /** The commit a scenario's id stands for, once it has been made. */
  commit(id: string): string | undefined {
    return this.stage.commits.get(id);
  }
  /**
   * Tells the sandbox what an attempt of the operator has come to; conditions and expectations about attempts live on
   * it.
   */
  noteAttempt(attempt: NotedAttempt): void {
    const last = this.#attempts.findLast((one) => one.application === attempt.application && one.id === attempt.id);
    if (JSON.stringify(last) !== JSON.stringify(attempt)) this.#attempts.push(attempt);
  }
  /** What of the scenario's `expect` is not so yet, in words. */
  unmetExpectations(): Promise<readonly string[]> {
    return unmetExpectations(this.stage);
  }
  /** Rejects when the world or the timeline dies; otherwise never settles. */
  broken(): Promise<never> {
    return new Promise((_, reject) => {
      this.timeline.finished.catch(reject);
      this.world.running.catch(reject);
    });
  }
  /** Stops world, timeline and servers; throws what the world or the timeline died of. The directory stays. */
  async close(): Promise<void> {
    const ends = await Promise.allSettled([this.timeline.stop(), this.world.stop()]);
    for (const server of this.servers) await server.close();
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed) throw failed.reason;
  }
}

/** Assembles and seeds the sandbox of a scenario, and lets world and timeline run. */
export async function startSandbox(scenario: Scenario, options: SandboxOptions): Promise<Sandbox> {
  const clock = options.clock ?? new SystemClock();
  const speed = Math.min(options.speed ?? scenario.speed, scenario.fastest ?? Number.POSITIVE_INFINITY);
  const shared = { clock, journal: new Journal(), faults: new FaultPlan() };
  const at = (server: keyof SandboxPorts): { readonly port?: number } =>
    options.ports ? { port: options.ports[server] } : {};
  const opened: { close(): Promise<void> }[] = [];
  const open = async <S extends { close(): Promise<void> }>(starting: Promise<S>): Promise<S> => {
    const server = await starting;
    opened.push(server);
    return server;
  };
  try {
    const directory = join(options.directory, 'repository.git');
    const github = await open(
      GitHubSandbox.start({ ...gitHubOptions(scenario, speed), ...shared, directory, ...at('github') }),
    );
    const world = worldOf(scenario, speed, clock, github);
    const argocd = await open(ArgoCdSandbox.start({ world, ...shared, ...at('argocd') }));
    const pods = scenario.kubernetes.pods;
    const kubernetes = await open(KubernetesSandbox.start({ world, ...shared, pods, ...at('kubernetes') }));
    const { exportedNamespace } = scenario.prometheus;
    const prometheus = await open(
      PrometheusSandbox.start({ world, ...shared, exportedNamespace, ...at('prometheus') }),
    );
    const notices = await open(NoticeBoard.start({ ...shared, ...at('notices') }));
    const argocdToken = argocd.sessions.issue(readerOf(scenario.argocd.account, scenario.argocd.visible));
    argocd.sessions.expire(argocdToken, scenario.argocd.token === 'expired');
    if (scenario.argocd.anonymous) argocd.sessions.anonymous = { username: 'anonymous', policies: [] };
    const attempts: NotedAttempt[] = [];
    const stage: ScenarioStage = {
      scenario,
      speed,
      ...shared,
      world,
      github,
      argocd,
      argocdToken,
      commits: new Map(),
      attempts,
    };
    await seedCommits(stage);
    await seedApplications(stage);
    const sandbox = new Sandbox(
      stage,
      {
        argocd: argocd.url,
        github: github.url,
        kubernetes: kubernetes.url,
        prometheus: prometheus.url,
        notices: notices.url,
      },
      { argocdToken, githubToken: github.operatorToken, githubApp: github.app, kubernetesToken: kubernetes.token },
      opened,
      attempts,
    );
    world.start();
    sandbox.timeline.start();
    return sandbox;
  } catch (error) {
    for (const server of opened) await server.close();
    throw error;
  }
}

function worldOf(scenario: Scenario, speed: number, clock: Clock, github: GitHubSandbox): World {
  const { poll, sync, podStart, refreshDeadline } = scenario.world;
  const world = new World({
    clock,
    repository: github.repository,
    repositoryUrl: repositoryUrl(scenario),
    defaultBranch: scenario.repository.defaultBranch,
    speed,
    timing: { pollMs: poll, syncMs: sync, podStartMs: podStart, refreshDeadlineMs: refreshDeadline },
    brokenImages: scenario.brokenImages,
  });
  world.clusterState = scenario.kubernetes.state;
  world.metricsState = scenario.prometheus.state;
  return world;
}

type Surroundings = 'clock' | 'journal' | 'faults' | 'directory' | 'port';

function gitHubOptions({ github, repository }: Scenario, speed: number): Omit<GitHubSandboxOptions, Surroundings> {
  const { rules, ci, operatorLogin, collaborators, teams, mergeMethods, historyCi } = github;
  const { listLag, mergeableNullReads, dirEntry, treeTruncatedAbove } = github;
  const { appPermissions, rateLimitPerHour, archived } = github;
  const requiredChecks = rules.requiredChecks.map(({ context, appId }) => ({
    context,
    ...(appId === undefined ? {} : { appId }),
  }));
  return {
    owner: repository.owner,
    name: repository.name,
    defaultBranch: repository.defaultBranch,
    operatorLogin,
    collaborators,
    teams,
    mergeMethods,
    historyCi,
    branchRules: { ...rules, requiredChecks },
    ci: ci.map(({ registersAfter, takes, appId, ...step }) => ({
      ...step,
      registersAfterMs: registersAfter / speed,
      takesMs: takes / speed,
      ...(appId === undefined ? {} : { appId }),
    })),
    ...(listLag === undefined ? {} : { listLagMs: listLag / speed }),
    ...(mergeableNullReads === undefined ? {} : { mergeableNullReads }),
    ...(dirEntry === undefined ? {} : { dirEntry }),
    ...(treeTruncatedAbove === undefined ? {} : { treeTruncatedAbove }),
    ...(appPermissions === undefined ? {} : { appPermissions }),
    ...(rateLimitPerHour === undefined ? {} : { rateLimitPerHour }),
    ...(archived === undefined ? {} : { archived }),
  };
}
