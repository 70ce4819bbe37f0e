import type { CoreV1Api, CustomObjectsApi, VersionApi, V1Pod } from '@kubernetes/client-node';
import type { Clock } from '../../base/clock.js';
import { OperatorError } from '../../base/errors.js';
import { withRetry, type RetryPolicy } from '../../base/retry.js';
import { withDeadline } from '../upstream/deadline.js';
import { classify, wasNotSent, type UpstreamFailure } from '../upstream/classify.js';

export type PlainObject = Readonly<Record<string, unknown>>;
/** Options of one call, as the client wants them; its own type is not exported. */
export type CallOptions = NonNullable<Parameters<CustomObjectsApi['getNamespacedCustomObject']>[1]>;

/** The few parts of the client library that are used, so that it is loaded in one place only. */
export interface KubernetesClients {
  readonly objects: CustomObjectsApi;
  readonly core: CoreV1Api;
  readonly version: VersionApi;
  /** Options that end a call when the signal aborts; the library itself has no time limit. */
  readonly until: (signal: AbortSignal) => CallOptions;
}

/** One kind of object in one namespace. */
export interface ObjectPlace {
  readonly group: string;
  readonly version: string;
  readonly namespace: string;
  readonly plural: string;
}

/**
 * GET calls with deadline, retries and the one classification. Workloads are read as plain JSON, all kinds alike: the
 * typed API would make dates of strings and know nothing of rollouts.
 */
export class KubernetesCalls {
  constructor(
    private readonly clients: KubernetesClients,
    private readonly timeoutMs: number,
    private readonly clock: Clock,
    private readonly retryPolicy: RetryPolicy,
  ) {}

  getObject(place: ObjectPlace, name: string, signal: AbortSignal): Promise<PlainObject> {
    return this.#call(`GET ${place.plural} ${place.namespace}/${name}`, signal, async (options) =>
      plain(await this.clients.objects.getNamespacedCustomObject({ ...place, name }, options)),
    );
  }
  /** At most `limit` of them. */
  listObjects(
    place: ObjectPlace,
    labelSelector: string,
    limit: number,
    signal: AbortSignal,
  ): Promise<readonly PlainObject[]> {
    return this.#call(`LIST ${place.plural} ${place.namespace}`, signal, async (options) => {
      const asked = { ...place, labelSelector, limit };
      const list = plain(await this.clients.objects.listNamespacedCustomObject(asked, options));
      return Array.isArray(list['items']) ? list['items'].map(plain) : [];
    });
  }
  /** At most `limit` of them. */
  listPods(namespace: string, labelSelector: string, limit: number, signal: AbortSignal): Promise<readonly V1Pod[]> {
    return this.#call(`LIST pods ${namespace}`, signal, async (options) => {
      const list = await this.clients.core.listNamespacedPod({ namespace, labelSelector, limit }, options);
      return list.items;
    });
  }
  version(signal: AbortSignal): Promise<string> {
    return this.#call('GET version', signal, async (options) => {
      const version = await this.clients.version.getCode({}, options);
      return version.gitVersion;
    });
  }

  #call<T>(what: string, signal: AbortSignal, send: (options: CallOptions) => Promise<T>): Promise<T> {
    return withRetry(this.clock, this.retryPolicy, signal, async () => {
      let isLate = false;
      try {
        return await withDeadline(signal, this.timeoutMs, (deadline) => {
          deadline.addEventListener('abort', () => (isLate = true));
          return send(this.clients.until(deadline));
        });
      } catch (error) {
        throw this.#translate(what, error, signal, isLate);
      }
    });
  }
  #translate(call: string, error: unknown, signal: AbortSignal, isLate: boolean): OperatorError {
    if (error instanceof OperatorError) return error;
    if (signal.aborted) return translated('CANCELLED', 'cancelled', `${call} was cancelled`, error);
    const answer = answerOf(error);
    const isNetwork = isLate || (error instanceof Error && 'code' in error && typeof error.code === 'string');
    if (!answer && !isNetwork) {
      const why = shorten(error instanceof Error ? error.message : String(error));
      return error instanceof SyntaxError
        ? translated('KUBERNETES_MALFORMED', 'transient', `${call} answered JSON that cannot be parsed`, error)
        : translated('KUBERNETES_NOT_JSON', 'config', `${call} was not answered as Kubernetes does: ${why}`, error);
    }
    return classify({
      upstream: 'KUBERNETES',
      call,
      kind: 'read',
      status: answer?.status,
      detail: answer?.detail ?? (isLate ? `no answer within ${this.timeoutMs} ms` : ''),
      headers: answer?.headers ?? {},
      now: this.clock.now(),
      notSent: wasNotSent(error),
      cause: error,
    });
  }
}

const translated = (code: string, category: OperatorError['category'], what: string, cause: unknown): OperatorError =>
  new OperatorError(code, category, `KUBERNETES: ${what}`, { cause });

type Refusal = Pick<UpstreamFailure, 'detail' | 'headers'> & { readonly status: number };
/** The library's ApiException, known by its shape: status in `code`, the body as text or object. */
function answerOf(error: unknown): Refusal | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'number') return undefined;
  if (!('headers' in error)) return undefined;
  const body = 'body' in error ? error.body : undefined;
  return { status: error.code, detail: shorten(messageOf(body)), headers: error.headers as UpstreamFailure['headers'] };
}
function messageOf(body: unknown): string {
  let value = body;
  if (typeof body === 'string') {
    try {
      value = JSON.parse(body);
    } catch {
      return body; // A proxy's page or a plain text: shown as it is.
    }
  }
  const message = typeof value === 'object' && value !== null && 'message' in value ? value.message : undefined;
  return typeof message === 'string' ? message : '';
}
const shorten = (text: string): string => text.replaceAll(/\s+/g, ' ').slice(0, 300);

function plain(value: unknown): PlainObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as PlainObject;
  const why = 'KUBERNETES answered something that is no JSON object: is this the right address?';
  throw new OperatorError('KUBERNETES_NOT_JSON', 'config', why);
}
