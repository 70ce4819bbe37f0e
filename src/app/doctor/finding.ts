import type { Clock } from '../../base/clock.js';
import { asOperatorError, type OperatorError } from '../../base/errors.js';
import { cleanLine } from '../../base/clean-text.js';
import { redactText } from '../../base/redact.js';

/** From the worst to the best. */
export const VERDICTS = ['fault', 'warning', 'ok'] as const;
/** A fault keeps the operator from its work; a warning from a part of it, or it will surprise somebody. */
export type DoctorVerdict = (typeof VERDICTS)[number];

/** One thing that was looked at. Free of secrets. */
export interface DoctorFinding {
  /** `argocd`, `github acme/gitops`, `application argocd/shop`. */
  readonly subject: string;
  readonly verdict: DoctorVerdict;
  /** What was seen, in one sentence. */
  readonly text: string;
  /** What to do about it. */
  readonly mend?: string;
}

const MAX_TEXT_LENGTH = 1_200;
const shown = (text: string): string => cleanLine(redactText(text), MAX_TEXT_LENGTH);

/** Findings about one subject; texts are cleaned of control characters and of what looks like a secret. */
export class Findings {
  readonly list: DoctorFinding[] = [];
  constructor(readonly subject: string) {}

  ok(text: string): void {
    this.#add('ok', text);
  }
  warning(text: string, mend?: string): void {
    this.#add('warning', text, mend);
  }
  fault(text: string, mend?: string): void {
    this.#add('fault', text, mend);
  }
  #add(verdict: DoctorVerdict, text: string, mend?: string): void {
    const mended = mend === undefined || mend === '' ? {} : { mend: shown(mend) };
    this.list.push({ subject: this.subject, verdict, text: shown(text), ...mended });
  }
}

/** A part of the examination: what it finds, within its own deadline. */
export interface Check {
  readonly subject: string;
  readonly timeoutMs: number;
  look(found: Findings, signal: AbortSignal): Promise<void>;
  /** What to do when it cannot even be asked. */
  mend(error: OperatorError): string;
}

/** Runs a check to its end or its deadline; whatever goes wrong is a finding and hides nothing of the others. */
export async function runCheck(check: Check, clock: Clock): Promise<readonly DoctorFinding[]> {
  const found = new Findings(check.subject);
  const deadline = new AbortController();
  const watch = new AbortController();
  const late = clock.sleep(check.timeoutMs, watch.signal).then(
    () => {
      found.fault(
        `no end within ${Math.round(check.timeoutMs / 1000)} s`,
        'Look at the network between here and there.',
      );
      deadline.abort();
    },
    () => undefined,
  );
  try {
    await Promise.race([check.look(found, deadline.signal), late]);
  } catch (error) {
    const e = asOperatorError(error);
    if (!deadline.signal.aborted) found.fault(`${e.message} [${e.code}]`, check.mend(e));
  } finally {
    watch.abort();
  }
  return [...found.list];
}

/** The upstream could be asked for everything else: one question that failed is a finding of its own. */
export async function ask<T>(found: Findings, question: string, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    const e = asOperatorError(error);
    if (e.category === 'cancelled') throw e;
    found.warning(`${question} could not be told: ${e.message} [${e.code}]`);
    return undefined;
  }
}
