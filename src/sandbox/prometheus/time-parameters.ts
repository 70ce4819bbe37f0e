/** A fault of a request, in the words Prometheus uses. */
export class BadRequest extends Error {
  constructor(
    readonly errorType: 'bad_data' | 'execution',
    message: string,
  ) {
    super(message);
    this.name = 'BadRequest';
  }
}

const UNITS: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  y: 31_536_000,
};
const DURATION = /^(?:\d+(?:ms|[smhdwy]))+$/;

/** Seconds of a Prometheus duration (`1h30m`) or a plain number of seconds. */
export function parseDurationSeconds(name: string, text: string): number {
  if (text !== '' && Number.isFinite(Number(text))) return Number(text);
  if (!DURATION.test(text)) {
    throw new BadRequest('bad_data', `invalid parameter "${name}": cannot parse "${text}" to a valid duration`);
  }
  const parts = text.matchAll(/(\d+)(ms|[smhdwy])/g);
  return [...parts].reduce((total, [, count, unit = 's']) => total + Number(count) * (UNITS[unit] ?? 0), 0);
}

/** Seconds since the epoch of a Unix time or an RFC 3339 text. */
export function parseInstantSeconds(name: string, text: string): number {
  if (text !== '' && Number.isFinite(Number(text))) return Number(text);
  const parsed = /^\d{4}-\d{2}-\d{2}T/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(parsed)) {
    throw new BadRequest('bad_data', `invalid parameter "${name}": cannot parse "${text}" to a valid timestamp`);
  }
  return parsed / 1000;
}

const MOST_POINTS = 11_000;

/** Seconds since the epoch, and seconds. */
export interface QueryRange {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** `start`, `end`, `step` of a range query, with Prometheus' own refusals. */
export function parseRange(parameters: URLSearchParams): QueryRange {
  const start = parseInstantSeconds('start', parameters.get('start') ?? '');
  const end = parseInstantSeconds('end', parameters.get('end') ?? '');
  if (end < start) {
    throw new BadRequest('bad_data', 'invalid parameter "end": end timestamp must not be before start time');
  }
  const step = parseDurationSeconds('step', parameters.get('step') ?? '');
  if (step <= 0) {
    const what = 'zero or negative query resolution step widths are not accepted. Try a positive integer';
    throw new BadRequest('bad_data', `invalid parameter "step": ${what}`);
  }
  if ((end - start) / step > MOST_POINTS) {
    const what = 'exceeded maximum resolution of 11,000 points per timeseries.';
    throw new BadRequest('bad_data', `${what} Try decreasing the query resolution (?step=XX)`);
  }
  return { start, end, step };
}
