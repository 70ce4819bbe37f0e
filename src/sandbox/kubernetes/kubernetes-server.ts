import { randomBytes } from 'node:crypto';
import { json } from '../http-message.js';
import type { Reply, SandboxRequest } from '../http-message.js';
import { stringAt, stringsAt } from '../json-path.js';
import type { JsonObject } from '../json-path.js';
import { parseSelector } from '../label-selector.js';
import { Router } from '../router.js';
import type { RouteParams } from '../router.js';
import type { World } from '../world.js';
import { WorldServer, type WorldServerOptions } from '../world-server.js';
import { kubernetesRefusal } from './status-object.js';

export interface KubernetesSandboxOptions extends WorldServerOptions {
  /** May the operator's account read pods? True unless told. */
  readonly pods?: boolean;
}

interface ResourceKind {
  readonly group: 'apps' | '';
  readonly plural: string;
  readonly kind: string;
}
const KINDS: readonly ResourceKind[] = [
  { group: 'apps', plural: 'deployments', kind: 'Deployment' },
  { group: 'apps', plural: 'statefulsets', kind: 'StatefulSet' },
  { group: 'apps', plural: 'daemonsets', kind: 'DaemonSet' },
  { group: 'apps', plural: 'replicasets', kind: 'ReplicaSet' },
  { group: '', plural: 'pods', kind: 'Pod' },
];
const USER = 'system:serviceaccount:ai-operator:ai-operator';
const VERSION = {
  major: '1',
  minor: '34',
  gitVersion: 'v1.34.1',
  gitCommit: '93248f9ae092f571eb870b7664c534bfc7d00f03',
  gitTreeState: 'clean',
  buildDate: '2025-09-09T19:38:10Z',
  goVersion: 'go1.24.6',
  compiler: 'gc',
  platform: 'linux/amd64',
} as const;

/**
 * The Kubernetes API of the cluster that Argo CD itself runs in (`https://kubernetes.default.svc`): workloads,
 * ReplicaSets and pods, to be read. Plain http: a client must be told to skip TLS verification before it sends its
 * token.
 */
export class KubernetesSandbox extends WorldServer {
  /** Bearer token of the operator's service account. */
  readonly token = `sandbox.${randomBytes(24).toString('base64url')}`;
  readonly #router = new Router();

  private constructor(
    private readonly world: World,
    private readonly pods: boolean,
  ) {
    super();
    this.#router.on('GET', '/version', () => json(200, VERSION));
    for (const kind of KINDS) {
      const root = kind.group === '' ? '/api/v1' : `/apis/${kind.group}/v1`;
      this.#router
        .on('GET', `${root}/${kind.plural}`, (request) => this.#list(request, kind, undefined))
        .on('GET', `${root}/namespaces/:namespace/${kind.plural}`, (request, params) =>
          this.#list(request, kind, params.get('namespace')),
        )
        .on('GET', `${root}/namespaces/:namespace/${kind.plural}/:name`, (request, params) =>
          this.#get(request, kind, params),
        );
    }
  }

  static start(options: KubernetesSandboxOptions): Promise<KubernetesSandbox> {
    return new KubernetesSandbox(options.world, options.pods ?? true).listen('kubernetes', options);
  }

  protected handle(request: SandboxRequest): Reply | Promise<Reply> {
    if (this.world.clusterState === 'down') {
      throw kubernetesRefusal(503, 'the server is currently unable to handle the request');
    }
    if (this.#userOf(request) === undefined) throw kubernetesRefusal(401, 'Unauthorized');
    const found = this.#router.find(request.method, request.path);
    if (!found) {
      return { status: 404, text: '404 page not found\n', headers: { 'content-type': 'text/plain; charset=utf-8' } };
    }
    return found.handler(request, found.params, undefined);
  }

  /** No token is the anonymous user; a wrong one is nobody. */
  #userOf(request: SandboxRequest): string | undefined {
    const given = request.headers.authorization;
    if (given === undefined) return 'system:anonymous';
    return given === `Bearer ${this.token}` ? USER : undefined;
  }

  #authorize(
    request: SandboxRequest,
    verb: 'get' | 'list',
    kind: ResourceKind,
    namespace: string | undefined,
    name: string,
  ): void {
    const user = this.#userOf(request);
    if (user === USER && this.world.clusterState === 'readable' && (kind.kind !== 'Pod' || this.pods)) return;
    const what = kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`;
    const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
    const message =
      `${what}${name === '' ? '' : ` "${name}"`} is forbidden: User "${user ?? ''}" cannot ${verb} resource ` +
      `"${kind.plural}" in API group "${kind.group}" ${where}`;
    throw kubernetesRefusal(403, message, { ...(name === '' ? {} : { name }), group: kind.group, kind: kind.plural });
  }

  #get(request: SandboxRequest, kind: ResourceKind, params: RouteParams): Reply {
    const namespace = params.get('namespace');
    const name = params.get('name');
    this.#authorize(request, 'get', kind, namespace, name);
    const found = this.#objects(kind, namespace).find((object) => stringAt(object, 'metadata', 'name') === name);
    if (!found) {
      const what = kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`;
      throw kubernetesRefusal(404, `${what} "${name}" not found`, { name, group: kind.group, kind: kind.plural });
    }
    return json(200, found);
  }

  #list(request: SandboxRequest, kind: ResourceKind, namespace: string | undefined): Reply {
    this.#authorize(request, 'list', kind, namespace, '');
    const { query } = request;
    if (query.get('watch') === 'true' || query.get('watch') === '1') {
      throw kubernetesRefusal(405, 'the sandbox does not watch');
    }
    const selector = parseSelector(query.get('labelSelector') ?? '');
    const all = this.#objects(kind, namespace).filter((object) => selector(stringsAt(object, 'metadata', 'labels')));
    const from = Number(query.get('continue') ?? 0);
    const limit = Number(query.get('limit') ?? 0) || all.length;
    if (!Number.isInteger(from)) throw kubernetesRefusal(400, 'continue key is not valid');
    const left = Math.max(0, all.length - from - limit);
    return json(200, {
      kind: `${kind.kind}List`,
      apiVersion: kind.group === '' ? 'v1' : `${kind.group}/v1`,
      metadata: {
        resourceVersion: String(Math.floor(this.world.clock.now() / 1000)),
        ...(left > 0 ? { continue: String(from + limit), remainingItemCount: left } : {}),
      },
      // items of a list carry neither kind nor apiVersion
      items: all.slice(from, from + limit).map(({ kind: _kind, apiVersion: _version, ...item }) => item),
    });
  }

  #objects(kind: ResourceKind, namespace: string | undefined): readonly JsonObject[] {
    const cluster = this.world.ownCluster;
    cluster.advance(this.world.clock.now());
    if (kind.kind === 'ReplicaSet') {
      return cluster.list('Deployment', namespace).flatMap((entry) => cluster.replicaSets(entry));
    }
    if (kind.kind === 'Pod') {
      const owners = ['Deployment', 'StatefulSet', 'DaemonSet'].flatMap((owner) => cluster.list(owner, namespace));
      return owners.flatMap((entry) => cluster.pods(entry));
    }
    return cluster.list(kind.kind, namespace).map((entry) => cluster.liveObject(entry));
  }
}
