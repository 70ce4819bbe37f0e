import type { Writable } from 'node:stream';
import winston from 'winston';
import { cleanFields, cleanText, type LogValue } from './log-value.js';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/**
 * Logs. The message is a constant sentence, what varies goes into fields; an error goes into a field too (`{ error }`).
 * Secrets are taken out by key and by shape. Logging never throws.
 */
export interface Logger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** A logger that adds these fields to every line, for instance `{ correlationId }`. */
  child(fields: Readonly<Record<string, unknown>>): Logger;
}

export interface LoggerSettings {
  readonly level: LogLevel;
  /** `auto`: text when the sink is a terminal, else JSON lines. */
  readonly format: 'auto' | 'json' | 'text';
  /** Milliseconds since the epoch; the machine's clock when absent. */
  readonly now?: () => number;
}
/** Where lines go: a stream, and whether it is a terminal. */
export type LogSink = Writable & { readonly isTTY?: boolean };

interface Line {
  readonly ts: string;
  readonly level: LogLevel;
  readonly msg: string;
  readonly fields: Readonly<Record<string, LogValue>>;
}
type Fields = Readonly<Record<string, unknown>>;
/** Adds fields to a line, by those it has. */
type Enrich = (fields: Fields) => Fields;

class WinstonLogger implements Logger {
  readonly #root: winston.Logger;
  readonly #sink: LogSink;
  readonly #render: (line: Line) => string;
  readonly #now: () => number;
  readonly #fields: Fields;
  /** Shared with all children. */
  readonly #enrichment: { enrich: Enrich };
  constructor(
    root: winston.Logger,
    sink: LogSink,
    render: (line: Line) => string,
    now: () => number,
    fields: Fields,
    enrichment: { enrich: Enrich },
  ) {
    this.#root = root;
    this.#sink = sink;
    this.#render = render;
    this.#now = now;
    this.#fields = fields;
    this.#enrichment = enrichment;
  }
  debug(message: string, fields?: Fields): void {
    this.#write('debug', message, fields);
  }
  info(message: string, fields?: Fields): void {
    this.#write('info', message, fields);
  }
  warn(message: string, fields?: Fields): void {
    this.#write('warn', message, fields);
  }
  error(message: string, fields?: Fields): void {
    this.#write('error', message, fields);
  }
  child(fields: Fields): Logger {
    const all = { ...this.#fields, ...fields };
    return new WinstonLogger(this.#root, this.#sink, this.#render, this.#now, all, this.#enrichment);
  }
  setLevel(level: LogLevel): void {
    this.#root.level = level;
  }
  enrich(enrich: Enrich): void {
    this.#enrichment.enrich = enrich;
  }
  async close(): Promise<void> {
    if (!this.#root.writable) return;
    const finished = new Promise<void>((resolve) => {
      this.#root.once('finish', resolve);
    });
    this.#root.end();
    await finished;
    // winston does not wait for its sink; an empty write is answered when all before it are out.
    if (!this.#sink.writable) return;
    await new Promise<void>((resolve) => {
      this.#sink.write('', () => resolve());
    });
  }

  #write(level: LogLevel, message: string, fields: Fields = {}): void {
    if (!this.#root.isLevelEnabled(level) || !this.#root.writable) return;
    const all = { ...this.#fields, ...fields };
    const enriched = cleanFields({ ...all, ...this.#enrichment.enrich(all) });
    const line = { ts: new Date(this.#now()).toISOString(), level, msg: cleanText(message) };
    // The line is rendered here: winston would merge fields into errors, lose causes and append `message`.
    this.#root.log({ level, message: this.#render({ ...line, fields: enriched }) });
  }
}

/** A logger on `sink` (stderr unless given). Call `closeLogger` before the process ends, or lines are lost. */
export function createLogger(settings: LoggerSettings, sink: LogSink = process.stderr): Logger {
  const asText = settings.format === 'text' || (settings.format === 'auto' && sink.isTTY === true);
  const coloured = sink.isTTY === true && process.env['NO_COLOR'] === undefined;
  const root = winston.createLogger({
    level: settings.level,
    levels: { error: 0, warn: 1, info: 2, debug: 3 },
    format: winston.format.printf(({ message }) => String(message)),
    transports: [new winston.transports.Stream({ stream: sink, eol: '\n' })],
  });
  // A reader that went away must not take the daemon with it; there is no other place to say so.
  sink.on('error', () => undefined);
  const render = asText ? (line: Line): string => textLine(line, coloured) : jsonLine;
  return new WinstonLogger(root, sink, render, settings.now ?? Date.now, {}, { enrich: () => ({}) });
}

/** Writes out what is buffered; afterwards the logger and its children are silent. */
export async function closeLogger(logger: Logger): Promise<void> {
  if (logger instanceof WinstonLogger) await logger.close();
}
/** Changes the level of a logger and all its children (a reload of the configuration). */
export function setLogLevel(logger: Logger, level: LogLevel): void {
  if (logger instanceof WinstonLogger) logger.setLevel(level);
}
/** Lets a logger and all its children say more on each line; `enrich` must not throw. */
export function enrichLogger(logger: Logger, enrich: (fields: Fields) => Fields): void {
  if (logger instanceof WinstonLogger) logger.enrich(enrich);
}

const RESERVED: readonly string[] = ['ts', 'level', 'msg'];
function jsonLine({ fields, ...line }: Line): string {
  const named = Object.entries(fields).map(([key, value]) => [RESERVED.includes(key) ? `field_${key}` : key, value]);
  return JSON.stringify(Object.fromEntries([...Object.entries(line), ...named]));
}

const COLOUR = { error: 31, warn: 33, info: 36, debug: 90 } as const;
/** `12:00:01.250Z WARN  message  key=value`, errors below it. */
function textLine({ ts, level, msg, fields }: Line, coloured: boolean): string {
  const paint = (text: string, code: number): string => (coloured ? `\u001b[${code}m${text}\u001b[0m` : text);
  const flat = Object.entries(fields).filter(([, value]) => !isError(value));
  const pairs = flat.map(([key, value]) => ` ${paint(`${key}=`, 90)}${plain(value)}`).join('');
  const errors = Object.values(fields).flatMap((value) => (isError(value) ? errorLines(value) : []));
  const head = `${paint(ts.slice(11), 90)} ${paint(level.toUpperCase().padEnd(5), COLOUR[level])} ${msg}${pairs === '' ? '' : ` ${pairs}`}`;
  return [head, ...errors].join('\n');
}
const plain = (value: LogValue): string =>
  typeof value === 'string' && value !== '' && !/[\s"=]/.test(value) ? value : JSON.stringify(value);

type ErrorValue = {
  readonly name: string;
  readonly message: string;
  readonly stack: readonly string[];
  readonly cause?: LogValue;
};
const isError = (value: LogValue | undefined): value is LogValue & ErrorValue =>
  typeof value === 'object' &&
  value !== null &&
  'stack' in value &&
  'message' in value &&
  Array.isArray(value['stack']);
function errorLines(error: ErrorValue, prefix = ''): readonly string[] {
  const head = `    ${prefix}${error.name}: ${error.message}`;
  const { cause } = error;
  const below =
    cause === undefined ? [] : isError(cause) ? errorLines(cause, 'caused by ') : [`    caused by ${plain(cause)}`];
  return [head, ...error.stack.map((line) => `        at ${line}`), ...below];
}
