import type { SandboxRequest } from '../http-message.js';
import { refusal, unprocessable } from './refusals.js';

export type JsonObject = Readonly<Record<string, unknown>>;

/** A JSON object, neither null nor a list. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The fields of a request body, read strictly: what is wrong is refused as GitHub does. */
export class RequestBody {
  readonly #fields: JsonObject;

  /** An empty body has no fields; anything that is no JSON object is refused. */
  constructor(request: SandboxRequest) {
    if (request.text !== '' && request.body === undefined) throw refusal(400, 'Problems parsing JSON');
    if (request.body !== undefined && !isObject(request.body)) throw refusal(400, 'Body should be a JSON object');
    this.#fields = request.body ?? {};
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#fields, name);
  }

  raw(name: string): unknown {
    return this.#fields[name];
  }

  text(name: string): string {
    const value = this.optionalText(name);
    if (value === undefined) throw unprocessable(`Invalid request.\n\n"${name}" wasn't supplied.`);
    return value;
  }

  optionalText(name: string): string | undefined {
    const value = this.#fields[name];
    if (value === undefined) return undefined;
    if (typeof value !== 'string') throw notOfType(name, value, 'a string');
    return value;
  }

  /** Null counts as absent. */
  nullableText(name: string): string | null | undefined {
    return this.#fields[name] === null ? null : this.optionalText(name);
  }

  flag(name: string, absent = false): boolean {
    const value = this.#fields[name] ?? absent;
    if (typeof value !== 'boolean') throw notOfType(name, value, 'a boolean');
    return value;
  }

  list(name: string): readonly unknown[] {
    const value = this.#fields[name];
    if (value === undefined) throw unprocessable(`Invalid request.\n\n"${name}" wasn't supplied.`);
    if (!Array.isArray(value)) throw notOfType(name, value, 'an array');
    return value as readonly unknown[];
  }
}

const notOfType = (name: string, value: unknown, type: string): Error =>
  unprocessable(`Invalid request.\n\nFor 'properties/${name}', ${JSON.stringify(value)} is not ${type}.`);
