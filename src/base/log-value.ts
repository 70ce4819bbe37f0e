import { cleanLine } from './clean-text.js';
import { OperatorError } from './errors.js';
import { isSecretKey, REDACTED, redactText } from './redact.js';
import { Secret } from './secret.js';

const DEEPEST = 6;
const LONGEST_TEXT = 8_192;
const LONGEST_LIST = 100;

/** What JSON can hold. */
export type LogValue = string | number | boolean | null | readonly LogValue[] | { readonly [key: string]: LogValue };

/** Too short and too plain for a secret or a control sequence: most keys and words. */
const HARMLESS = /^[\w.-]{0,12}$/;
const PRINTABLE = /^[ -~]*$/;

/** One line, without control sequences and secrets, and not longer than 8192 characters. */
export function cleanText(text: string): string {
  if (HARMLESS.test(text)) return text;
  // Cut first: what a hostile answer can make us do is bounded.
  const cut = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}... (${text.length} characters)` : text;
  return redactText(PRINTABLE.test(cut) ? cut : cleanLine(cut));
}

/** Fields as they are logged: secrets out by key and by shape, errors with their causes, nothing circular; never throws. */
export function cleanFields(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, LogValue>> {
  return cleanRecord(fields, []);
}

function cleanRecord(record: object, above: readonly object[]): Readonly<Record<string, LogValue>> {
  const entries = Object.keys(record).flatMap((key): [string, LogValue][] => {
    const value = read(record, key);
    if (value === undefined) return [];
    return [[cleanText(key), isSecretKey(key) ? REDACTED : clean(value, [...above, record])]];
  });
  return Object.fromEntries(entries);
}
function read(record: object, key: string): unknown {
  try {
    return (record as Readonly<Record<string, unknown>>)[key];
  } catch {
    return '[unreadable]'; // a getter of somebody else's object; the line is worth more than its value
  }
}

function clean(value: unknown, above: readonly object[]): LogValue {
  switch (typeof value) {
    case 'string':
      return cleanText(value);
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'boolean':
      return value;
    case 'bigint':
      return String(value);
    case 'undefined':
      return null;
    case 'symbol':
    case 'function':
      return `[${typeof value}]`;
    case 'object':
      return value === null ? null : cleanObject(value, above);
  }
}

function cleanObject(value: object, above: readonly object[]): LogValue {
  if (above.includes(value)) return '[circular]';
  if (above.length > DEEPEST) return '[deep]';
  const within = [...above, value];
  if (value instanceof Error) return cleanError(value, above);
  if (value instanceof Secret) return REDACTED;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString();
  if (value instanceof URL) return cleanText(value.href);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof Map) return cleanRecord(Object.fromEntries(value), within);
  if (value instanceof Set) return cleanList([...(value as Set<unknown>)], within);
  return Array.isArray(value) ? cleanList(value, within) : cleanRecord(value, above);
}
function cleanList(values: readonly unknown[], above: readonly object[]): LogValue {
  const shown = values.slice(0, LONGEST_LIST).map((item) => clean(item, above));
  return values.length > LONGEST_LIST ? [...shown, `... (${values.length} entries)`] : shown;
}

/** Only named fields: errors of HTTP clients carry whole requests with their headers. */
function cleanError(error: Error, above: readonly object[]): LogValue {
  const within = [...above, error];
  const code = read(error, 'code');
  const errors = error instanceof AggregateError ? error.errors : undefined;
  return {
    name: cleanText(String(error.name)),
    ...(typeof code === 'string' ? { code: cleanText(code) } : {}),
    ...(error instanceof OperatorError ? { category: error.category } : {}),
    ...(error instanceof OperatorError && error.status !== undefined ? { status: error.status } : {}),
    message: cleanText(String(error.message)),
    stack: stackLines(error),
    ...(error.cause === undefined ? {} : { cause: clean(error.cause, within) }),
    ...(errors === undefined ? {} : { errors: cleanList(errors, within) }),
  };
}
/** The places alone: the message stands beside them. */
const stackLines = (error: Error): readonly string[] =>
  String(error.stack ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('at '))
    .slice(0, 30)
    .map((line) => cleanText(line.slice(3)));
