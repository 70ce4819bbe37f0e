import { setImmediate } from 'node:timers';
import { OperatorError } from '../../base/errors.js';
import { ItemBoundary } from './item-boundary.js';
import { isWritten, type ItemRun } from './item-run.js';

/** How every item of Argo CD's begins, after the comma that parts it from the one before. */
const ITEM_HINT = Buffer.from(',{"metadata":');
const ITEMS_KEY = Buffer.from('"items"');
const COMMA = 0x2c;
/** As far as its bracket is looked for. */
const KEY_BYTES = 64;
/** Less than this is not worth a look. */
const BATCH_BYTES = 32 * 1024;
/** Parsed at once, and recalled at once the next time: as few as make a hash cheaper than a parse. */
const RUN_ITEMS = 16;
/** Large items make shorter runs: one that changed takes those of its run with it. */
const RUN_BYTES = 16 * 1024;
/** Without a hint for so long, the end of an item is counted out. */
const PATIENCE_BYTES = 1024 * 1024;
/** So often a nested `"items"` is taken for the list; then the answer is read as a whole. */
const MOST_HEADS = 16;
/** Longest turn of the event loop. */
const TURN_MS = 8;

/** Takes the items of a list, in order. */
export interface TakeItems {
  /** `bytes` = what the items were parsed from; absent where they are not known to be a run that may come again. */
  take(items: readonly unknown[], bytes?: Buffer): void;
  /** The run of items that is likely to stand here, if one is known. */
  readonly expected?: ItemRun | undefined;
  /** Takes the expected run: it is written as it was, and therefore not parsed. */
  recall?(): void;
  /** Of items that stand in place of the expected run, how many come before one that began a run: that may be known. */
  beforeRun?(items: readonly unknown[]): number;
}

/**
 * Reads `{..., "items": [...], ...}` from a stream without ever holding more than a few items, and lets others have the
 * event loop. Items are parsed a run at a time: the run ends where a hint says that an item begins, and that it parses
 * between brackets proves that it ended there, because a JSON value that begins somewhere ends in one place only. So a run
 * that was parsed once need not be parsed again where the same bytes stand. Where the hint is wrong or missing, brackets
 * are counted. Throws SyntaxError for what is not JSON, ARGOCD_MALFORMED (terminal) for what is not a list, and what
 * `take` throws.
 */
export async function decodeList(chunks: AsyncIterable<Buffer>, to: TakeItems): Promise<void> {
  const decoder = new ListDecoder(to);
  let turnedAt = performance.now();
  for await (const chunk of chunks) {
    decoder.add(chunk);
    if (performance.now() - turnedAt < TURN_MS) continue;
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    turnedAt = performance.now();
  }
  decoder.end();
}

class ListDecoder {
  #pending: Buffer = Buffer.alloc(0);
  readonly #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #inItems = false;
  #searchedTo = 0;
  #heads = 0;
  #boundary: ItemBoundary | undefined;
  constructor(private readonly to: TakeItems) {}

  add(chunk: Buffer): void {
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    // Twice what is pending, or an answer without items would be copied and searched once per batch.
    if (this.#waitingBytes < Math.max(BATCH_BYTES, this.#pending.length)) return;
    this.#gather();
    if (!this.#inItems) this.#skipHead();
    this.#takeRuns();
  }
  end(): void {
    this.#gather();
    this.#takeRuns();
    const rest = this.#pending.toString('utf8');
    // What is left is the last items and what follows the list; or, for a short answer, everything.
    const list = JSON.parse(this.#inItems ? `{"items":[${rest}` : rest) as unknown;
    if (typeof list !== 'object' || list === null || Array.isArray(list)) throw noList('no object');
    const items: unknown = 'items' in list ? list.items : undefined;
    // Null where there is none and `fields` was given.
    if (items === undefined || items === null) return;
    if (!Array.isArray(items)) throw noList('items: no array');
    this.to.take(items);
  }

  #gather(): void {
    if (this.#waiting.length === 0) return;
    this.#pending = Buffer.concat([this.#pending, ...this.#waiting]);
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
  }
  /** Finds the list: the first `"items"` that is a key of the outermost object, which closing that object proves. */
  #skipHead(): void {
    const from = this.#searchedTo;
    // The key may be cut in two; it is looked for again then.
    this.#searchedTo = Math.max(0, this.#pending.length - KEY_BYTES);
    for (let at = this.#pending.indexOf(ITEMS_KEY, from); at !== -1; at = this.#pending.indexOf(ITEMS_KEY, at + 1)) {
      const opening = /^"items"\s*:\s*\[/.exec(this.#pending.toString('latin1', at, at + KEY_BYTES));
      if (opening === null || this.#heads >= MOST_HEADS) continue;
      this.#heads += 1;
      if (parsed(`${this.#pending.toString('utf8', 0, at)}"items":0}`) === undefined) continue;
      this.#pending = this.#pending.subarray(at + opening[0].length);
      this.#inItems = true;
      return;
    }
  }
  #takeRuns(): void {
    while (this.#inItems && (this.#boundary === undefined ? this.#takeRun() : this.#takeCounted(this.#boundary)));
  }
  /** False = more must come first. */
  #takeRun(): boolean {
    const { expected } = this.to;
    if (expected !== undefined && this.#pending.length <= expected.byteLength) return false;
    if (expected !== undefined && this.#recall(expected)) return true;
    const ends = this.#endsOfRun(expected?.count ?? RUN_ITEMS, expected === undefined ? RUN_BYTES : Infinity);
    if (ends === undefined) return false;
    if (!this.#takeUpTo(ends, true)) this.#boundary = new ItemBoundary();
    return true;
  }
  #recall(run: ItemRun): boolean {
    if (this.#pending[run.byteLength] !== COMMA) return false;
    if (!isWritten(run, this.#pending.subarray(0, run.byteLength))) return false;
    this.#pending = this.#pending.subarray(run.byteLength + 1);
    this.to.recall?.();
    return true;
  }
  /** Where the next so many items end, or as many as there are when they are large; none = no hint. Undefined = more must come first. */
  #endsOfRun(count: number, mostBytes: number): readonly number[] | undefined {
    const ends: number[] = [];
    for (let end = -1; ends.length < count && end < mostBytes; ends.push(end)) {
      end = this.#pending.indexOf(ITEM_HINT, end + 1);
      if (end !== -1) continue;
      const isEnough = this.#pending.length >= (ends.length === 0 ? PATIENCE_BYTES : RUN_BYTES);
      return isEnough ? ends : undefined;
    }
    return ends;
  }
  #takeCounted(boundary: ItemBoundary): boolean {
    const end = boundary.last(this.#pending);
    if (end === undefined) return false;
    boundary.drop(end + 1);
    if (!this.#takeUpTo([end], false)) throw new SyntaxError('an item of the list cannot be parsed');
    return true;
  }
  #takeUpTo(ends: readonly number[], isRun: boolean): boolean {
    const items = parsed(`[${this.#pending.toString('utf8', 0, ends.at(-1) ?? 0)}]`);
    if (!Array.isArray(items) || items.length === 0) return false;
    // As many ends as items: each of them is the end of one.
    const taken = isRun && ends.length === items.length ? (this.to.beforeRun?.(items) ?? items.length) : items.length;
    const end = (taken === items.length ? ends.at(-1) : ends[taken - 1]) as number;
    const bytes = this.#pending.subarray(0, end);
    this.#pending = this.#pending.subarray(end + 1);
    this.to.take(taken === items.length ? items : items.slice(0, taken), isRun ? bytes : undefined);
    return true;
  }
}

const noList = (why: string): OperatorError =>
  new OperatorError('ARGOCD_MALFORMED', 'terminal', `ARGOCD: the list answered what cannot be read: ${why}`);
/** Undefined for what is not JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
