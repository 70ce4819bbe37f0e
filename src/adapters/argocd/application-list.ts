import { OperatorError } from '../../base/errors.js';
import { MAX_LIST_BYTES, type ArgoCdClient, type ArgoCdSettings } from './argocd-client.js';
import { projectListSchema } from './argocd-schemas.js';
import type { ItemsRead } from './listed-items.js';

/** Fields of a list, as Argo CD 3.5 offers them. `items.spec` beside `items.spec.x` fails at random: never both. */
export interface ListFields {
  readonly spec: readonly string[];
  readonly others: readonly string[];
}

const LIST_TIMEOUT_MS = 60_000;

/**
 * Lists applications with only the fields asked for. Never retried: the next period is its retry. Learns two things
 * about the server and keeps them: that the whole list is too large (then one list per project), and that it is of a
 * version that knows `items.spec` only as a whole (it drops unknown fields without a word).
 */
export class ApplicationList {
  #byProject = false;
  #wholeSpec = false;
  readonly #projectsSeen = new Set<string>();
  constructor(
    private readonly client: ArgoCdClient,
    private readonly settings: Pick<ArgoCdSettings, 'listTimeoutMs' | 'maxListBytes'>,
  ) {}

  /** What `begin` began, with every item read. Throws what reading an item throws, and what ArgoCdClient does. */
  async read<Read extends ItemsRead<unknown>>(
    fields: ListFields,
    begin: () => Read,
    signal: AbortSignal,
  ): Promise<Read> {
    let items = await this.#readAll(fields, begin, signal);
    if (!this.#wholeSpec && items.bare !== undefined) {
      this.#wholeSpec = true;
      items = await this.#readAll(fields, begin, signal);
    }
    if (items.bare !== undefined) {
      const why = `ARGOCD: the list shows no spec for ${items.bare}: its project is not known`;
      throw new OperatorError('ARGOCD_MALFORMED', 'terminal', why);
    }
    for (const project of items.projects) this.#projectsSeen.add(project);
    return items;
  }

  async #readAll<Read extends ItemsRead<unknown>>(
    fields: ListFields,
    begin: () => Read,
    signal: AbortSignal,
  ): Promise<Read> {
    if (!this.#byProject) {
      try {
        const items = begin();
        await this.#readOne(fields, undefined, items, signal);
        return items;
      } catch (error) {
        if (!isTooLarge(error)) throw error;
        this.#byProject = true;
      }
    }
    const items = begin();
    // One after the other: each costs Argo CD a pass over the whole fleet.
    for (const project of await this.#projects(signal)) await this.#readOne(fields, project, items, signal);
    return items;
  }

  async #readOne(
    fields: ListFields,
    project: string | undefined,
    items: ItemsRead<unknown>,
    signal: AbortSignal,
  ): Promise<void> {
    const names = [...fields.others, ...(this.#wholeSpec ? ['spec'] : fields.spec.map((name) => `spec.${name}`))];
    const call = {
      path: 'v1/applications',
      query: { projects: project, fields: names.map((name) => `items.${name}`).join(',') },
      timeoutMs: this.settings.listTimeoutMs ?? LIST_TIMEOUT_MS,
      maxBytes: this.settings.maxListBytes ?? MAX_LIST_BYTES,
      retry: false,
    };
    await this.client.list(call, items, signal);
  }

  /** The projects Argo CD lists (without those the account may not see), and every one an application was seen in. */
  async #projects(signal: AbortSignal): Promise<readonly string[]> {
    const found = new Set(this.#projectsSeen);
    try {
      const list = await this.client.get({ path: 'v1/projects', retry: false }, projectListSchema, signal);
      for (const item of list.items ?? []) found.add(item.metadata.name);
    } catch (error) {
      if (!(error instanceof OperatorError) || error.category !== 'denied' || found.size === 0) throw error;
    }
    if (found.size > 0) return [...found].toSorted();
    throw new OperatorError(
      'ARGOCD_TOO_LARGE',
      'config',
      'ARGOCD: the list of all applications is too large and no project is known to list by: ' +
        'grant `projects, get` to the account',
    );
  }
}

/** 429 with code 8 is gRPC's "message too large", not a rate limit (argocd facts 1.8). */
function isTooLarge(error: unknown): boolean {
  if (!(error instanceof OperatorError)) return false;
  return error.code === 'ARGOCD_TOO_LARGE' || /"code"\s*:\s*8\b/.test(error.message);
}
