import { markdownCode } from '../../../base/escape-markdown.js';
import { duration } from '../../../base/time-words.js';
import type { AbortReason } from '../../../model/abort-reason.js';
import type { Revision } from '../../../model/application.js';
import type {
  CandidateBasis,
  CandidateCi,
  CandidateRejection,
  CandidateRow,
  UptimeEvidence,
} from '../../../model/candidate.js';
import type { RollbackTarget } from '../../../model/rollback-attempt.js';
import type { Verdict } from '../../../model/rule-result.js';

/** A revision as people are shown it. */
export const shortRevision = (revision: Revision): string => revision.slice(0, 10);

/** Why a version can be returned to, for people. */
export const BASIS_WORDS: Readonly<Record<CandidateBasis, string>> = {
  uptime: 'stable by metrics',
  'insufficient-soak': 'stable so far, but observed for less than candidates.minObservation',
  ci: 'no metrics; its checks succeeded',
};
/** Why a version cannot be returned to, for people. */
export const REJECTION_WORDS: Readonly<Record<CandidateRejection, string>> = {
  'is-the-bad-content': 'the same files as the bad version',
  quarantined: 'in quarantine: rolled back before',
  'settings-differ': 'the source settings of the application were different',
  'not-an-ancestor': 'not an ancestor of the branch head',
  'closure-unreadable': 'its files could not be read',
  'uptime-too-low': 'uptime too low',
  'never-healthy': 'never was Healthy here',
  'observed-too-short': 'observed for less than candidates.minSoak',
  'ci-failed': 'its checks failed',
  'no-ci-no-metrics': 'neither metrics nor checks speak for it',
  'no-ci': 'no checks speak for it',
  'older-than-needed': 'a newer version qualifies',
};
/** What was decided about a row of the candidate table. Its detail is foreign text. */
export function verdictWords(verdict: CandidateRow['verdict']): string {
  switch (verdict.kind) {
    case 'chosen':
      return `chosen: ${BASIS_WORDS[verdict.basis]}`;
    case 'eligible':
      return `qualifies (${BASIS_WORDS[verdict.basis]}); another is preferred`;
    case 'rejected':
      return `no: ${REJECTION_WORDS[verdict.because]}${verdict.detail === '' ? '' : ` (${verdict.detail})`}`;
  }
}
export const CI_WORDS: Readonly<Record<CandidateCi, string>> = {
  success: 'succeeded',
  failed: 'failed',
  pending: 'pending',
  none: 'none found',
  unknown: 'unknown',
};
/** A sign beside the word: never colour or shape alone. */
export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  pass: '✅ holds',
  fail: '❌ does not hold',
  unknown: '❔ unknown',
};

/** Nothing was lost where the application healed by itself, or where nothing was to be done. */
export const isPeacefulEnd = (reason: AbortReason): boolean => reason === 'recovered' || reason === 'observed';

/** Rounded down, so that 98.999 is never shown as 99. */
export const percent = (ratio: number): string => `${Math.floor(ratio * 10_000) / 100} %`;

/** `99.97 % healthy over 24 h`. */
export const uptimeWords = (uptime: UptimeEvidence): string =>
  uptime.kind === 'measured'
    ? `${percent(uptime.ratio)} healthy over ${duration(uptime.observedMs)} (${percent(uptime.coverage)} of the samples)`
    : `metrics unavailable: ${uptime.why}`;

const WEB_ADDRESS = /^https?:\/\/[\w.:-]+(?:\/[\w.~-]+)+$/;
const COMMIT = /^[0-9a-f]{40}$/;
/** A revision as a link to its commit where that is known to be safe, else as code. */
export function revisionLink(revision: Revision, target: RollbackTarget | undefined): string {
  const short = markdownCode(shortRevision(revision));
  if (target === undefined || !COMMIT.test(revision) || !WEB_ADDRESS.test(target.url)) return short;
  return `[${short}](${target.url.replace(/\.git$/, '')}/commit/${revision})`;
}
