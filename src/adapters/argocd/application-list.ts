import { OperatorError } from '../../base/errors.js';
import { MAX_LIST_BYTES, type ArgoCdClient, type ArgoCdSettings } from './argocd-client.js';
import { applicationListSchema, projectListSchema, type ListedApplication } from './argocd-schemas.js';

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

  async read(fields: ListFields, signal: AbortSignal): Promise<readonly ListedApplication[]> {
    let items = await this.#readAll(fields, signal);
    if (!this.#wholeSpec && items.some((item) => !item.spec)) {
      this.#wholeSpec = true;
      items = await this.#readAll(fields, signal);
    }
    const bare = items.find((item) => !item.spec);
    if (bare) {
      const why = `ARGOCD: the list shows no spec for ${bare.metadata.name}: its project is not known`;
      throw new OperatorError('ARGOCD_MALFORMED', 'terminal', why);
    }
    for (const item of items) if (item.spec?.project) this.#projectsSeen.add(item.spec.project);
    return items;
  }

  async #readAll(fields: ListFields, signal: AbortSignal): Promise<readonly ListedApplication[]> {
    if (!this.#byProject) {
      try {
        return await this.#readOne(fields, undefined, signal);
      } catch (error) {
        if (!isTooLarge(error)) throw error;
        this.#byProject = true;
      }
    }
    const items: ListedApplication[] = [];
    // One after the other: each costs Argo CD a pass over the whole fleet.
    for (const project of await this.#projects(signal)) {
      items.push(...(await this.#readOne(fields, project, signal)));
    }
    return items;
  }

  async #readOne(
    fields: ListFields,
    project: string | undefined,
    signal: AbortSignal,
  ): Promise<readonly ListedApplication[]> {
    const names = [...fields.others, ...(this.#wholeSpec ? ['spec'] : fields.spec.map((name) => `spec.${name}`))];
    const call = {
      path: 'v1/applications',
      query: { projects: project, fields: names.map((name) => `items.${name}`).join(',') },
      timeoutMs: this.settings.listTimeoutMs ?? LIST_TIMEOUT_MS,
      maxBytes: this.settings.maxListBytes ?? MAX_LIST_BYTES,
      retry: false,
    };
    const list = await this.client.get(call, applicationListSchema, signal);
    return list.items ?? [];
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
