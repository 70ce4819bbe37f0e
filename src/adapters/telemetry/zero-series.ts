import { ABORT_RULES } from '../../model/abort-reason.js';
import { ENVIRONMENTS } from '../../model/policy.js';
import { GUARD_IDS, INVARIANT_IDS, type Verdict } from '../../model/rule-result.js';
import { TRANSITIONS } from '../../model/transitions.js';
import { STAGE_NAMES } from '../../ports/operator-metrics.js';
import type { Instruments } from './instruments.js';

const OUTCOMES = ['confirmed', 'recovered'] as const;
const VERDICTS = ['pass', 'fail', 'unknown'] as const satisfies readonly Verdict[];
/** `refused` is counted with its code, and those are not a closed set here. */
const REASONS = Object.keys(ABORT_RULES).filter((reason) => reason !== 'refused');

/**
 * Creates every series whose labels are closed sets, at 0: Prometheus sees an increase only from a value it has scraped
 * before, so the first event of a kind would else be missed.
 */
export function createZeroSeries(i: Instruments): void {
  for (const environment of ENVIRONMENTS) {
    for (const outcome of OUTCOMES) i.degradations.inc({ environment, outcome }, 0);
    i.attemptsEnded.inc({ environment, result: 'complete', reason: 'healthy' }, 0);
    for (const reason of REASONS) i.attemptsEnded.inc({ environment, result: 'aborted', reason }, 0);
    i.timeToRecovery.zero({ environment });
  }
  for (const stage of STAGE_NAMES) i.stageDuration.zero({ stage });
  for (const invariant of [...INVARIANT_IDS, ...GUARD_IDS]) {
    for (const result of VERDICTS) i.ruleEvaluations.inc({ invariant, result }, 0);
  }
  for (const { from: sources, to } of TRANSITIONS) for (const from of sources) i.transitions.inc({ from, to }, 0);
}
