import type { EpochMs } from '../model/application.js';

export const SANDBOX_SERVERS = ['github', 'argocd', 'kubernetes', 'prometheus', 'notices'] as const;
export type SandboxServerName = (typeof SANDBOX_SERVERS)[number];

/** One request that reached a server of the sandbox. */
export interface JournalEntry {
  /** Order of arrival over all servers, from 1. */
  readonly seq: number;
  readonly at: EpochMs;
  readonly server: SandboxServerName;
  readonly method: string;
  /** As sent: still percent-encoded, without the query. */
  readonly path: string;
  /** As sent, without the question mark. */
  readonly query: string;
  /** What the server meant to answer; 0 while it is being handled, or when it never came to an answer. */
  readonly status: number;
  /** The handler ran and did not refuse: whatever the request asks for has happened. */
  readonly applied: boolean;
  /** The whole answer was handed to the client's socket. */
  readonly answered: boolean;
  /** The parsed JSON body, where there was one. */
  readonly body?: unknown;
  /** The handler itself failed (a fault of the sandbox, not of the client). */
  readonly failure?: string;
}

export type JournalArrival = Pick<JournalEntry, 'at' | 'server' | 'method' | 'path' | 'query'>;
export type JournalOutcome = Partial<Pick<JournalEntry, 'status' | 'applied' | 'answered' | 'body' | 'failure'>>;

export interface JournalQuery {
  readonly server?: SandboxServerName;
  readonly method?: string;
  /** A string is the whole path. */
  readonly path?: string | RegExp;
}

/** Every request of every server in order of arrival; the oldest go when there are more than `capacity`. */
export class Journal {
  readonly #capacity: number;
  #entries: JournalEntry[] = [];
  #last = 0;

  constructor(capacity = 50_000) {
    this.#capacity = capacity;
  }

  get entries(): readonly JournalEntry[] {
    return this.#entries;
  }

  /** The next sequence number; also for things that are no requests but must be ordered among them. */
  next(): number {
    this.#last += 1;
    return this.#last;
  }

  /** Writes an arrival down and answers its number. */
  open(arrival: JournalArrival): number {
    const seq = this.next();
    this.#entries.push({ seq, ...arrival, status: 0, applied: false, answered: false });
    if (this.#entries.length > this.#capacity) this.#entries = this.#entries.slice(-Math.ceil(this.#capacity / 2));
    return seq;
  }

  /** Adds what became of a request; an entry that has been dropped stays dropped. */
  settle(seq: number, outcome: JournalOutcome): void {
    const at = this.#entries.findLastIndex((entry) => entry.seq === seq);
    const entry = this.#entries[at];
    if (entry) this.#entries[at] = { ...entry, ...outcome };
  }

  find(query: JournalQuery): readonly JournalEntry[] {
    return this.#entries.filter(
      (entry) =>
        (query.server === undefined || entry.server === query.server) &&
        (query.method === undefined || entry.method === query.method) &&
        pathMatches(query.path, entry.path),
    );
  }
}

/** A string is the whole path, an expression is tested against it, nothing matches all. */
export function pathMatches(pattern: string | RegExp | undefined, path: string): boolean {
  if (pattern === undefined) return true;
  return typeof pattern === 'string' ? pattern === path : path.search(pattern) >= 0;
}
