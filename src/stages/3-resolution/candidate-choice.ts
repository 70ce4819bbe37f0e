import type {
  CandidateBasis,
  CandidateCi,
  CandidateRejection,
  CandidateRow,
  UptimeEvidence,
} from '../../model/candidate.js';
import type { EpochMs, Revision } from '../../model/application.js';
import type { CandidatePolicy } from '../../model/policy.js';

/** One content that ran here, with all that was found out about it. */
export interface SurveyedContent {
  readonly content: string;
  readonly revision: Revision;
  readonly deployedAt: EpochMs;
  readonly stoppedAt: EpochMs;
  readonly uptime: UptimeEvidence;
  readonly ci: CandidateCi;
  /** Found unfit before its evidence was even looked at. */
  readonly excluded?: { readonly because: CandidateRejection; readonly detail: string };
}
export interface Choice {
  readonly chosen?: SurveyedContent & { readonly basis: CandidateBasis; readonly passedOver: number };
  readonly table: readonly CandidateRow[];
}

const LEAST_UPTIME = 0.99;
type Judgement = CandidateRow['verdict'];
const rejected = (because: CandidateRejection, detail: string): Judgement => ({ kind: 'rejected', because, detail });

/** Pure: what one content is good for (semantics 5). */
export function judgeContent(c: SurveyedContent, policy: CandidatePolicy): Judgement {
  if (c.excluded !== undefined) return { kind: 'rejected', ...c.excluded };
  if (c.ci === 'failed') return rejected('ci-failed', 'a check failed on its commit');
  if (c.uptime.kind === 'unavailable') {
    return c.ci === 'success'
      ? { kind: 'eligible', basis: 'ci' }
      : rejected('no-ci-no-metrics', `${c.uptime.why}; CI: ${c.ci}`);
  }
  const { ratio, observedMs } = c.uptime;
  if (ratio === 0) return rejected('never-healthy', 'it was never Healthy here');
  if (!(ratio >= LEAST_UPTIME)) return rejected('uptime-too-low', `${(ratio * 100).toFixed(2)} % uptime`);
  if (observedMs < policy.minSoakMs) {
    return rejected('observed-too-short', `observed for ${Math.floor(observedMs / 60_000)} min`);
  }
  return { kind: 'eligible', basis: observedMs >= policy.minObservationMs ? 'uptime' : 'insufficient-soak' };
}

const ORDER: readonly CandidateBasis[] = ['uptime', 'insufficient-soak', 'ci'];

/** Pure: newest fully stable, else newest with short observation, else newest by CI. `contents` is newest first, without the bad one. */
export function chooseCandidate(contents: readonly SurveyedContent[], policy: CandidatePolicy): Choice {
  const judged = contents.map((content) => ({ content, verdict: judgeContent(content, policy) }));
  const basis = ORDER.find((b) => judged.some((j) => j.verdict.kind === 'eligible' && j.verdict.basis === b));
  const at = judged.findIndex((j) => j.verdict.kind === 'eligible' && j.verdict.basis === basis);
  const best = judged[at];
  const table = judged.map(({ content, verdict }): CandidateRow => {
    const { revision, deployedAt, uptime, ci } = content;
    const chosen = content === best?.content && basis !== undefined;
    return {
      content: content.content,
      revision,
      deployedAt,
      uptime,
      ci,
      verdict: chosen ? { kind: 'chosen', basis } : verdict,
    };
  });
  return best === undefined || basis === undefined
    ? { table }
    : { chosen: { ...best.content, basis, passedOver: at }, table };
}
