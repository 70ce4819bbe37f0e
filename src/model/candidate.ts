import type { EpochMs, Revision } from './application.js';

/** How good the evidence for a candidate is (semantics 5). Only `uptime` satisfies I5. */
export type CandidateBasis = 'uptime' | 'insufficient-soak' | 'ci';

export const CANDIDATE_REJECTIONS = [
  'is-the-bad-content',
  'quarantined',
  'settings-differ',
  'not-an-ancestor',
  'closure-unreadable',
  'uptime-too-low',
  'never-healthy',
  'observed-too-short',
  'ci-failed',
  'no-ci-no-metrics',
  'no-ci',
  'older-than-needed',
] as const;
export type CandidateRejection = (typeof CANDIDATE_REJECTIONS)[number];

/** What Prometheus says about the time a content was deployed here. */
export type UptimeEvidence =
  | {
      readonly kind: 'measured';
      /** 0 to 1, over `observedMs` of deployed time (rollout grace and incident left out). */
      readonly ratio: number;
      readonly observedMs: number;
      /** Share of the expected samples that were there, 0 to 1. */
      readonly coverage: number;
    }
  | { readonly kind: 'unavailable'; readonly why: string };

/** CI of the commit, or of the pull request that brought it in. */
export type CandidateCi = 'success' | 'failed' | 'pending' | 'none' | 'unknown';

/** One line of the candidate table: kept with the attempt and shown wherever the choice is explained. */
export interface CandidateRow {
  readonly content: string;
  readonly revision: Revision;
  readonly deployedAt: EpochMs;
  readonly uptime: UptimeEvidence;
  readonly ci: CandidateCi;
  readonly verdict:
    | { readonly kind: 'chosen' | 'eligible'; readonly basis: CandidateBasis }
    | { readonly kind: 'rejected'; readonly because: CandidateRejection; readonly detail: string };
}

/** The version to return to. */
export interface Candidate {
  readonly content: string;
  readonly revision: Revision;
  readonly basis: CandidateBasis;
  readonly uptime: UptimeEvidence;
  readonly ci: CandidateCi;
  /** When it was last put here, and when it stopped running here. */
  readonly deployedAt: EpochMs;
  readonly stoppedAt: EpochMs;
  /** Distinct newer contents between it and the bad one that are passed over. */
  readonly passedOver: number;
}
