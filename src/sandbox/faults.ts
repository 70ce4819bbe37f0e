import { pathMatches } from './journal.js';
import type { SandboxServerName } from './journal.js';

/**
 * What goes wrong with one request. `lose-before`: the connection dies and nothing has happened. `lose-after`,
 * `garbage` and `huge`: the effect has happened, the answer is lost, cut in half (status 200), or a JSON text of
 * `bytes` bytes. `status` and `hang`: no effect. `slow`: `ms` of real time, then as usual.
 */
export type Fault =
  | { readonly kind: 'lose-before' }
  | { readonly kind: 'lose-after' }
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly retryAfterSeconds?: number;
      readonly headers?: Readonly<Record<string, string>>;
      /** A string is sent as it is (HTML), anything else as JSON. */
      readonly body?: unknown;
    }
  | { readonly kind: 'slow'; readonly ms: number }
  | { readonly kind: 'garbage' }
  | { readonly kind: 'huge'; readonly bytes: number }
  | { readonly kind: 'hang' };

export interface FaultRule {
  readonly server: SandboxServerName;
  readonly method?: string;
  /** The path as sent, without the query: a string is all of it. */
  readonly path?: string | RegExp;
  /** How many requests it hits; 1 unless told, `Infinity` is allowed. */
  readonly times?: number;
  readonly fault: Fault;
}

/** The faults to come. The oldest rule that matches a request is used up by it. */
export class FaultPlan {
  #pending: { readonly rule: FaultRule; left: number }[] = [];

  add(rule: FaultRule): void {
    this.#pending.push({ rule, left: rule.times ?? 1 });
  }

  clear(): void {
    this.#pending = [];
  }

  /** Rules that still wait for a request: a test that planned a fault can see that it was met. */
  get pending(): readonly FaultRule[] {
    return this.#pending.map(({ rule }) => rule);
  }

  /** The fault for this request, used up by asking. */
  take(server: SandboxServerName, method: string, path: string): Fault | undefined {
    const found = this.#pending.find(
      ({ rule }) => rule.server === server && (rule.method ?? method) === method && pathMatches(rule.path, path),
    );
    if (!found) return undefined;
    found.left -= 1;
    if (found.left <= 0) this.#pending = this.#pending.filter((entry) => entry !== found);
    return found.rule.fault;
  }
}
