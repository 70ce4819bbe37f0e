import type { EventName } from '../model/events.js';
import type { Outcome } from '../model/outcome.js';
import type { OpenAttempt, OpenState } from '../model/rollback-attempt.js';
import type { StabilityAnalyzer } from './2-confirmation/stability-analyzer.js';
import type { RollbackCandidateResolver } from './3-resolution/rollback-candidate-resolver.js';
import type { PRGenerator } from './4-proposal/pr-generator.js';
import type { MergeController } from './5-merge/merge-controller.js';
import type { HealthMonitor } from './6-verification/health-monitor.js';

/** One stop of the way: what wakes it, who serves it, what it publishes, which state it reaches. */
export interface Stop {
  readonly module: string;
  readonly state: 'Idle' | OpenState;
  readonly wakes: readonly EventName[];
  readonly publishes: readonly EventName[];
  readonly reaches: string;
}

/** Read first: the six modules of the architecture, in order. Anything else that arrives does not wake an attempt. */
export const ITINERARY: readonly Stop[] = [
  {
    module: 'DegradationDetector',
    state: 'Idle',
    wakes: [],
    publishes: ['degradation.detected', 'degradation.cleared'],
    reaches: 'DegradationDetected',
  },
  {
    module: 'StabilityAnalyzer',
    state: 'DegradationDetected',
    wakes: ['degradation.detected', 'degradation.cleared'],
    publishes: ['degradation.confirmed'],
    reaches: 'DegradationDetected/resolving',
  },
  {
    module: 'RollbackCandidateResolver',
    state: 'DegradationDetected',
    wakes: ['degradation.confirmed'],
    publishes: ['candidate.resolved'],
    reaches: 'CandidateResolved',
  },
  {
    module: 'PRGenerator',
    state: 'CandidateResolved',
    wakes: ['candidate.resolved', 'degradation.cleared'],
    publishes: ['pr.created'],
    reaches: 'PRCreated',
  },
  {
    module: 'MergeController',
    state: 'PRCreated',
    wakes: ['pr.created', 'degradation.cleared'],
    publishes: [],
    reaches: 'AwaitingMergeApproval',
  },
  {
    module: 'MergeController',
    state: 'AwaitingMergeApproval',
    wakes: ['degradation.cleared'],
    publishes: ['approval.requested', 'rollback.merged'],
    reaches: 'RollbackMerged',
  },
  {
    module: 'HealthMonitor',
    state: 'RollbackMerged',
    wakes: ['rollback.merged', 'degradation.detected', 'degradation.cleared'],
    publishes: ['rollback.completed'],
    reaches: 'RollbackComplete',
  },
];

/** Knows who serves an attempt, by its state and step. */
export class Itinerary {
  constructor(
    private readonly stabilityAnalyzer: StabilityAnalyzer,
    private readonly candidateResolver: RollbackCandidateResolver,
    private readonly prGenerator: PRGenerator,
    private readonly mergeController: MergeController,
    private readonly healthMonitor: HealthMonitor,
  ) {}

  wakes(attempt: OpenAttempt, name: EventName): boolean {
    return ITINERARY.some((stop) => stop.state === attempt.state && stop.wakes.includes(name));
  }
  handle(attempt: OpenAttempt, signal: AbortSignal): Promise<Outcome> {
    switch (attempt.state) {
      case 'DegradationDetected':
        return attempt.step.name === 'confirming'
          ? this.stabilityAnalyzer.handle(attempt)
          : this.candidateResolver.handle(attempt, signal);
      case 'CandidateResolved':
        return this.prGenerator.handle(attempt, signal);
      case 'PRCreated':
        return this.mergeController.awaitCi(attempt, signal);
      case 'AwaitingMergeApproval':
        return this.mergeController.decide(attempt, signal);
      case 'RollbackMerged':
        return this.healthMonitor.handle(attempt, signal);
    }
  }
}
