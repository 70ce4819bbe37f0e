import { z } from 'zod';
import { formatDuration } from '../base/written-duration.js';
import { DURATION_PATTERN, durationFault, parseDuration } from './duration.js';

const DAY = 86_400_000;
/** Timers of the platform overflow near 24 days. */
const LONGEST_WAIT = 14 * DAY;
const LONGEST_WINDOW = 366 * DAY;

/** An optional key that is absent, not undefined: what `exactOptionalPropertyTypes` asks for. */
export type Compact<T> = { readonly [K in keyof T]: Exclude<T[K], undefined> };
/** Drops keys without a value. */
export const compact = <T extends object>(value: T): Compact<T> =>
  Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as Compact<T>;

/** What was found, for a message; long or structured values only by their kind. */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a group of keys';
  const words = String(value as string | number | boolean);
  return `\`${words.length > 80 ? `${words.slice(0, 77)}...` : words}\``;
}

type ErrorWords = (issue: { readonly input?: unknown }) => string;
/** Every message says what to write: `write` when the key is missing, `otherwise` for a value that will not do. */
const complain =
  (write: string, otherwise: (value: unknown) => string): ErrorWords =>
  ({ input }) =>
    input === undefined ? `missing; write ${write}` : otherwise(input);

function durationWithin(example: string, least: number, most: number): z.ZodType<number, string> {
  const error = complain(`a duration, such as \`${example}\``, (v) => durationFault(v, example));
  return z
    .string({ error })
    .regex(DURATION_PATTERN, { error })
    .transform((written) => parseDuration(written) ?? 0)
    .refine((ms) => ms >= least, { error: `too short; write \`${formatDuration(least)}\` or more` })
    .refine((ms) => ms <= most, { error: `too long; write \`${formatDuration(most)}\` or less` });
}
/** A window over the past. Out come milliseconds. */
export const span = (example: string): z.ZodType<number, string> => durationWithin(example, 1, LONGEST_WINDOW);
/** A wait or an interval of the operator itself. Out come milliseconds, at least 10. */
export const wait = (example: string): z.ZodType<number, string> => durationWithin(example, 10, LONGEST_WAIT);
/** A wait that may be switched off by `0s`. */
export const waitOrNone = (example: string): z.ZodType<number, string> => durationWithin(example, 0, LONGEST_WAIT);

/** A whole number from `least` to `most`. */
export function count(least: number, most: number): z.ZodType<number, number> {
  const wanted = `a whole number from ${least} to ${most}`;
  const error = complain(wanted, (v) => `${shown(v)} is not allowed; write ${wanted}`);
  return z.int({ error }).min(least, { error }).max(most, { error });
}
/** A TCP port; 0 lets the system choose. */
export const port = (): z.ZodType<number, number> => count(0, 65_535);
/** An identity number of GitHub. */
export const identity = (): z.ZodType<number, number> => count(1, Number.MAX_SAFE_INTEGER);

/** `true` or `false`, nothing else. */
export const flag = (): z.ZodType<boolean, boolean> =>
  z.boolean({ error: complain('true or false', (v) => `${shown(v)} is not a switch; write true or false`) });

/** One of a closed set of words; `later` are words of the design that this version does not know yet. */
export function word<const W extends string>(words: readonly W[], later: readonly string[] = []): z.ZodType<W, W> {
  const wanted = `${words.length === 1 ? '' : 'one of '}${words.map((w) => `\`${w}\``).join(', ')}`;
  return z.enum(words as readonly [W, ...W[]], {
    error: complain(wanted, (v) =>
      typeof v === 'string' && later.includes(v)
        ? `\`${v}\` is not available in this version; write ${wanted}`
        : `${shown(v)} is not allowed; write ${wanted}`,
    ),
  });
}

const ONE_LINE = /^[^\s\p{Cc}](?:[^\p{Cc}]*[^\s\p{Cc}])?$/u;
/** One line of text without blanks around it. */
export function text(what: string, example: string, pattern: RegExp = ONE_LINE): z.ZodType<string, string> {
  const error = complain(
    `${what}, such as \`${example}\``,
    (v) => `${shown(v)} is not ${what}; write it like \`${example}\``,
  );
  return z.string({ error }).regex(pattern, { error });
}
/** A file or folder; relative ones start from the working directory. */
export const path = (example: string): z.ZodType<string, string> => text('a path', example);
const NAME = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
/** A name as Kubernetes has them: small letters, digits and dashes, at most 63. */
export const name = (example: string): z.ZodType<string, string> =>
  text('a name of lower case letters, digits and dashes', example, NAME);

/** An http or https address without credentials, query or fragment. Out it comes without a trailing slash. */
export function address(example: string): z.ZodType<string, string> {
  const error = complain(`an address, such as \`${example}\``, (v) => addressFault(v, example));
  return z
    .string({ error })
    .refine(isAddress, { error })
    .transform((v) => v.replace(/\/+$/, ''));
}
function isAddress(value: string): boolean {
  if (!/^https?:\/\/[^\s]+$/.test(value) || !URL.canParse(value)) return false;
  const url = new URL(value);
  return url.username === '' && url.password === '' && !/[?#]/.test(value);
}
function addressFault(value: unknown, example: string): string {
  if (typeof value === 'string' && URL.canParse(value)) {
    const url = new URL(value);
    if (url.username !== '' || url.password !== '')
      return `an address must not hold credentials; write it like \`${example}\``;
    if (/[?#]/.test(value)) return `an address must end with its path, without ? or #; write it like \`${example}\``;
  }
  return `${shown(value)} is not an http or https address; write it like \`${example}\``;
}

/** A part of a whole as `30%`. Out comes a number from 0 to 1. */
export function share(example: string): z.ZodType<number, string> {
  const error = complain(
    `a share, such as \`${example}\``,
    (v) => `${shown(v)} is not a share; write it like \`${example}\``,
  );
  return z
    .string({ error })
    .regex(/^(100|[1-9]?\d)%$/, { error })
    .transform((v) => Number(v.slice(0, -1)) / 100);
}

/** A list of `item`. */
export const list = <T extends z.ZodType>(item: T, example: string): z.ZodArray<T> =>
  z.array(item, {
    error: complain(`a list, such as \`${example}\``, (v) => `${shown(v)} is not a list; write it like \`${example}\``),
  });

/** A group of keys; a key it does not know is an error (worded by whoever knows where it stands). */
export function group<S extends z.ZodRawShape>(shape: S): z.ZodObject<S, z.core.$strict> {
  const keys = Object.keys(shape).join(', ');
  const words = complain(`its keys: ${keys}`, (v) => `${shown(v)} is not a group of keys; write below it: ${keys}`);
  return z.strictObject(shape, { error: (issue) => (issue.code === 'invalid_type' ? words(issue) : undefined) });
}
