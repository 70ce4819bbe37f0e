import type { EpochMs } from '../../model/application.js';
import type { Sandbox } from '../sandbox.js';
import type { SimulatedApplication } from '../world/simulated-application.js';
import { ApplicationWatch } from './application-watch.js';
import { imageWords, toldAction } from './people-story.js';
import { PullRequestWatch } from './pull-request-watch.js';
import { OPERATOR } from './rail-entry.js';
import type { RailEntry } from './rail-entry.js';

const BRANCH = 'refs/heads/';

/** Sees what people and the world do, from inside the sandbox, and tells it. */
export class WorldWatch {
  readonly #pulls: PullRequestWatch;
  readonly #applications = new Map<string, ApplicationWatch>();
  readonly #commits: { readonly at: EpochMs; readonly branch: string; readonly sha: string }[] = [];
  readonly #stopListening: () => void;
  #stepsTold = 0;
  #degradedAt: EpochMs | undefined;

  constructor(
    private readonly sandbox: Sandbox,
    private readonly tell: (entry: RailEntry) => void,
  ) {
    this.#pulls = new PullRequestWatch(sandbox.github, sandbox.scenario.github.operatorLogin);
    for (const app of sandbox.world.applications) this.#applications.set(app.key, new ApplicationWatch(app));
    this.#stopListening = sandbox.github.repository.onRefChanged((ref, sha) => {
      if (sha !== undefined && ref.startsWith(BRANCH))
        this.#commits.push({ at: Date.now(), branch: ref.slice(BRANCH.length), sha });
    });
  }

  /** When Argo CD first said Degraded, as it writes times: in whole seconds. Undefined = it has not. */
  get degradedAt(): EpochMs | undefined {
    return this.#degradedAt;
  }
  /** How the world is at the start, where it is not as it should be. */
  tellStart(): void {
    const { scenario, world } = this.sandbox;
    const say = (text: string): void => this.tell({ at: world.startedAt, who: 'world', rank: 'event', text });
    for (const [image, failure] of Object.entries(scenario.brokenImages)) say(imageWords(image, failure));
    if (scenario.prometheus.state !== 'ok') say(`Prometheus: ${scenario.prometheus.state}`);
    if (scenario.kubernetes.state !== 'readable') say(`Kubernetes: ${scenario.kubernetes.state}`);
  }
  /** Tells what is new. */
  async look(): Promise<void> {
    const now = Date.now();
    await this.#tellCommits();
    this.#tellTimeline(now);
    for (const entry of await this.#pulls.look(now)) this.tell(entry);
    for (const app of this.sandbox.world.applications) this.#tellApplication(app);
  }
  stop(): void {
    this.#stopListening();
  }

  #tellApplication(app: SimulatedApplication): void {
    const { status, since } = app.health;
    if (status === 'Degraded') this.#degradedAt ??= Math.floor(since / 1000) * 1000;
    const watch = this.#applications.get(app.key) ?? new ApplicationWatch(app);
    this.#applications.set(app.key, watch);
    for (const entry of watch.look()) this.tell(entry);
  }

  /** Merges are told by the pull requests, branches of the operator by what it proposes. */
  async #tellCommits(): Promise<void> {
    const { github, scenario } = this.sandbox;
    const main = scenario.repository.defaultBranch;
    for (const { at, branch, sha } of this.#commits.splice(0)) {
      const { author, message } = await github.repository.readCommit(sha);
      const who = this.#pulls.nameOf(author.name);
      const isMerge = github.pullRequests().some((pull) => pull.mergeCommit === sha);
      const isBranchPoint = branch !== main && (await github.repository.isAncestor(sha, main));
      if (who === OPERATOR || isMerge || isBranchPoint) continue;
      const [title = ''] = message.split('\n');
      this.tell({
        at,
        who,
        rank: 'event',
        text: `pushes ${sha.slice(0, 10)} to ${branch}`,
        details: [{ text: title }],
      });
    }
  }
  #tellTimeline(now: EpochMs): void {
    const { timeline, scenario } = this.sandbox;
    const { steps } = timeline;
    for (; this.#stepsTold < steps.length; this.#stepsTold += 1) {
      const at = steps[this.#stepsTold]?.at ?? now;
      for (const action of scenario.timeline[this.#stepsTold]?.do ?? []) {
        const told = toldAction(action);
        if (told === undefined) continue;
        const { who, text, detail } = told;
        this.tell({ at, who, rank: 'event', text, ...(detail === undefined ? {} : { details: [{ text: detail }] }) });
      }
    }
  }
}
