import type { Clock } from '../../src/base/clock.js';
import { ENVIRONMENT_ANNOTATION } from '../../src/governance/policy-book.js';
import { DEFAULT_TIMING } from '../../src/model/timing.js';
import { operatorConfig } from '../support/operator-config.js';
import type { OperatorProcess } from '../support/operator-process.js';
import { OperatorWorld } from '../support/operator-world.js';
import type { FaultPlan } from './fault-plan.js';

const MINUTE = 60_000;
const neverHealthy: FaultWorld['prometheus']['history'] = (_app, { from, to }) => ({
  kind: 'samples',
  stepMs: 10 * MINUTE,
  samples: Array.from({ length: Math.ceil((to - from) / (10 * MINUTE)) }, (_, i) => ({
    at: from + i * 10 * MINUTE,
    statuses: ['Degraded'] as const,
  })),
});
/** GitHub's lists and pull requests lag, Argo CD answers from a cache; refs, commits and trees are what they are. */
const LAGGING = ['findPullRequests', 'listOpenPullRequests', 'listPullRequestsOf', 'getPullRequestStatus'] as const;
const CACHED = ['listFleet', 'getApplicationHealth'] as const;
type Method = (...args: readonly unknown[]) => Promise<unknown>;

/** The world, with an operator's clock that can be set wrong and reads that can be out of date. */
export class FaultWorld extends OperatorWorld {
  /** How far the operator's wall clock is off. */
  skewMs = 0;
  /** The next lagging read answers what it answered last time. */
  stale = false;
  /** A read has answered what was true before. */
  everStale = false;
  readonly #answered = new Map<string, unknown>();

  constructor(readonly plan: FaultPlan) {
    super();
    const config = operatorConfig();
    this.config = {
      ...config,
      timing: {
        ...DEFAULT_TIMING,
        MERGE_APPROVAL_TIMEOUT: 3 * MINUTE,
        confirmTimeout: 3 * MINUTE,
        proposalTimeout: 3 * MINUTE,
        syncTimeout: 3 * MINUTE,
        recoveryTimeout: 5 * MINUTE,
        CI_WAIT_TIMEOUT: 3 * MINUTE,
        ciSettleWindow: 20_000,
        HEALTH_RESTORATION_DURATION: 30_000,
        retryAfter: 3 * MINUTE,
        unreachableGrace: 2 * MINUTE,
        refreshInterval: 20_000,
        sweepInterval: 2_000,
      },
      repositories: config.repositories.map((r) => (plan.requiredCheck ? r : { ...r, requiredChecks: [] })),
    };
    // An owner of a production application may write what he likes: it stays one.
    const annotations = plan.environment === 'production' ? { [ENVIRONMENT_ANNOTATION]: 'staging' } : {};
    this.install('shop', { project: plan.environment, annotations });
    if (!plan.proven) this.prometheus.history = neverHealthy;
    for (const name of CACHED) this.#canLag(this.argocd, name);
  }
  override operatorClock(): Clock {
    const { clock } = this;
    return {
      now: () => clock.now() + this.skewMs,
      monotonic: () => clock.monotonic(),
      sleep: (ms, signal) => clock.sleep(ms, signal),
    };
  }
  /** Each process has a client of its own. */
  observe(process: OperatorProcess): void {
    for (const name of LAGGING) this.#canLag(process.sourceControl, name);
  }
  #canLag<N extends string>(port: Readonly<Record<N, unknown>>, name: N): void {
    const read = (port[name] as Method).bind(port);
    const lagging: Method = async (...args) => {
      const key = `${name} ${JSON.stringify(args.filter((x) => !(x instanceof AbortSignal)))}`;
      const before = this.#answered.get(key);
      if (this.stale && before !== undefined) {
        this.stale = false;
        this.everStale = true;
        return before;
      }
      const answer = await read(...args);
      this.#answered.set(key, answer);
      return answer;
    };
    Object.assign(port, { [name]: lagging });
  }
}
