import { evidenceOf, type Evidence } from './evidence.js';
import type { Course } from './course.js';
import {
  didSomething,
  fewCalls,
  noProductionMerge,
  oneMerge,
  onePullRequest,
  onlyWhileOpen,
  pinnedMerge,
  replayedDecisions,
} from './judge-effects.js';
import { chainIntact, fenced, legalPath, nothingLost, oneActive, onlyInATerm, outcomeLater } from './judge-records.js';
import { comesToItsEnd, detectsWithoutNats, endsGracefully, startsSoon } from './judge-times.js';
import type { KillWorld } from './kill-world.js';

type Judgement = (evidence: Evidence) => readonly string[] | Promise<readonly string[]>;
interface Property {
  readonly id: string;
  readonly says: string;
  readonly judgedBy: readonly Judgement[];
}
/** Judged while the run goes on, the moment a request arrives. */
const intentFirst: Judgement = ({ world }) => world.intents.violations;
/** Seen by the run itself. */
const noneOnTheWay: Judgement = ({ course }) => course.faults;

/** What is held against every run, by what GitHub, git, etcd, the audit log and the clock say: never by the operator's word. */
export const PROPERTIES: readonly Property[] = [
  { id: 'S1', says: 'a merge is of the head, the base and the evidence that were judged', judgedBy: [pinnedMerge] },
  { id: 'S2', says: 'one pull request', judgedBy: [onePullRequest] },
  { id: 'S3', says: 'one branch, one merge, one reachable commit', judgedBy: [oneMerge] },
  { id: 'S4', says: 'no merge in production without an approval', judgedBy: [noProductionMerge] },
  { id: 'S5', says: 'the intent is in the audit log before the effect', judgedBy: [intentFirst, noneOnTheWay] },
  { id: 'S6', says: 'an intent has an outcome, and it is true', judgedBy: [outcomeLater] },
  { id: 'S7', says: 'after the end, or a stop, nothing begins', judgedBy: [onlyWhileOpen, intentFirst] },
  { id: 'S8', says: 'what is stored follows the transition table', judgedBy: [legalPath] },
  { id: 'S9', says: 'no attempt is lost', judgedBy: [nothingLost] },
  { id: 'S10', says: 'one active attempt for an application', judgedBy: [oneActive] },
  { id: 'S11', says: 'who was replaced writes nothing more', judgedBy: [fenced, onlyInATerm, noneOnTheWay] },
  { id: 'S20', says: 'the audit chain is intact', judgedBy: [chainIntact] },
  { id: 'S22', says: 'a lost answer is not a failure', judgedBy: [onePullRequest, oneMerge, noneOnTheWay] },
  { id: 'S24', says: 'recorded decisions follow from what is recorded with them', judgedBy: [replayedDecisions] },
  { id: 'L1', says: 'every attempt ends', judgedBy: [comesToItsEnd] },
  { id: 'L2', says: 'a restart looks at what is open within 5 s', judgedBy: [startsSoon] },
  { id: 'L3', says: 'no livelock', judgedBy: [fewCalls] },
  { id: 'L4', says: 'nothing is later without NATS', judgedBy: [detectsWithoutNats] },
  { id: 'L5', says: 'SIGTERM is obeyed within 15 s', judgedBy: [endsGracefully, noneOnTheWay] },
  { id: 'run', says: 'something was done, and something was done to it', judgedBy: [didSomething] },
];

/** What was seen on the way says itself which property it breaks. */
const NAMED = /^(?:[SL]\d+|run): /;

/** Everything that is wrong with a run that has come to its end; empty = nothing. */
export const judge = async (world: KillWorld, course: Course): Promise<readonly string[]> =>
  judgeEvidence(await evidenceOf(world, course));
export async function judgeEvidence(evidence: Evidence): Promise<readonly string[]> {
  const judgements = new Map<Judgement, string[]>();
  for (const { id, judgedBy } of PROPERTIES)
    for (const one of judgedBy) judgements.set(one, [...(judgements.get(one) ?? []), id]);
  const found = await Promise.all(
    [...judgements].map(async ([one, ids]) =>
      (await one(evidence)).map((fault) => (NAMED.test(fault) ? fault : `${ids.join('/')}: ${fault}`)),
    ),
  );
  return found.flat();
}
