/**
 * What may be done about an error (design: the error says whether it may be retried).
 * `unknown` is a write whose answer was lost: it may have happened, so only looking helps.
 */
export type ErrorCategory =
  | 'transient'
  | 'unknown'
  | 'terminal'
  | 'denied'
  | 'conflict'
  | 'cancelled'
  | 'config'
  | 'bug';

export interface OperatorErrorOptions extends ErrorOptions {
  /** Upstream asked to be left alone for this long. */
  readonly retryAfterMs?: number;
  /** HTTP status, where there was one. */
  readonly status?: number;
}

/** Every error the operator raises on purpose. Vendors' errors are translated into it once, at the adapter's edge. */
export class OperatorError extends Error {
  readonly retryAfterMs: number | undefined;
  readonly status: number | undefined;
  constructor(
    /** Upper snake case, stable, documented; what people search for. */
    readonly code: string,
    readonly category: ErrorCategory,
    message: string,
    options: OperatorErrorOptions = {},
  ) {
    super(message, options);
    this.name = 'OperatorError';
    this.retryAfterMs = options.retryAfterMs;
    this.status = options.status;
  }
}

/** Anything thrown, as an OperatorError; what nobody classified is a bug. */
export function asOperatorError(error: unknown): OperatorError {
  if (error instanceof OperatorError) return error;
  if (error instanceof Error && error.name === 'AbortError') {
    return new OperatorError('CANCELLED', 'cancelled', error.message, { cause: error });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new OperatorError('UNEXPECTED', 'bug', message, { cause: error });
}
