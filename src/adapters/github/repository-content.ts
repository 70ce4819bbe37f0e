import { createHash } from 'node:crypto';
import { z } from 'zod';
import { OperatorError } from '../../base/errors.js';
import type { RepositoryContent, RepositoryId, TreeEntry } from '../../ports/source-control.js';
import { BoundedCache } from './bounded-cache.js';
import { fullName, inRepository, oidSchema } from './fields.js';
import { malformed } from './github-call.js';
import type { OctokitClient } from './octokit-client.js';

const MAX_TREE_BYTES = 64 * 1024 * 1024;
const MAX_BLOB_BYTES = 1024 * 1024;
/** Walking a repository that GitHub cannot list at once may cost this many calls. */
const MAX_WALK_CALLS = 200;

const commitTreeSchema = z.object({ sha: oidSchema, tree: z.object({ sha: oidSchema }) });
const entrySchema = z.discriminatedUnion('mode', [
  z.object({ mode: z.enum(['100644', '100755', '120000', '160000']), path: z.string().min(1), sha: oidSchema }),
  z.object({ mode: z.literal('040000'), path: z.string().min(1), sha: oidSchema }),
  // Written by old versions of git: an ordinary file.
  z.object({ mode: z.literal('100664').transform(() => '100644' as const), path: z.string().min(1), sha: oidSchema }),
]);
const treeSchema = z.object({ sha: oidSchema, tree: z.array(entrySchema), truncated: z.boolean() });
type Tree = z.infer<typeof treeSchema>;
const blobSchema = z.object({ sha: oidSchema, content: z.string(), encoding: z.literal('base64'), size: z.number() });

interface Listing {
  readonly tree: string;
  readonly files: ReadonlyMap<string, TreeEntry>;
}

/** Reads what never changes, whole trees by commit and texts by id, and keeps what was read last. */
export class RepositoryContentReader {
  /** Weighed by files. */
  readonly #listings = new BoundedCache<Listing>(150_000, (listing) => listing.files.size + 1);
  /** Weighed by characters. */
  readonly #blobs = new BoundedCache<string>(8 * 1024 * 1024, (text) => text.length + 64);
  readonly #trees = new BoundedCache<string>(1000);
  constructor(private readonly client: OctokitClient) {}

  /** Every file of a commit. Throws `GITHUB_TREE_TRUNCATED` (terminal). */
  async read(repo: RepositoryId, revision: string, signal: AbortSignal): Promise<RepositoryContent> {
    const tree = await this.#treeOf(repo, revision, signal);
    const key = `${fullName(repo)} ${tree}`;
    const listing = this.#listings.find(key) ?? { tree, files: await this.#list(repo, tree, signal) };
    this.#listings.put(key, listing);
    return { revision, tree, files: listing.files };
  }
  /** Text of a blob. Throws `GITHUB_BLOB_TOO_LARGE` and `GITHUB_BLOB_NOT_TEXT` (terminal). */
  async readBlob(repo: RepositoryId, oid: string, signal: AbortSignal): Promise<string> {
    const key = `${fullName(repo)} ${oid}`;
    const known = this.#blobs.find(key);
    if (known !== undefined) return known;
    const text = await this.#fetchBlob(repo, oid, signal);
    this.#blobs.put(key, text);
    return text;
  }

  async #treeOf(repo: RepositoryId, revision: string, signal: AbortSignal): Promise<string> {
    const key = `${fullName(repo)} ${revision}`;
    const known = this.#trees.find(key);
    if (known !== undefined) return known;
    const parameters = { ...inRepository(repo), commit_sha: revision };
    const found = await this.client.call(
      {
        route: 'GET /repos/{owner}/{repo}/git/commits/{commit_sha}',
        parameters,
        schema: commitTreeSchema,
        fresh: true,
      },
      signal,
    );
    if (found.sha !== revision)
      throw malformed(`GET /repos/${fullName(repo)}/git/commits/${revision}`, `commit ${found.sha}`);
    this.#trees.put(key, found.tree.sha);
    return found.tree.sha;
  }

  async #list(repo: RepositoryId, root: string, signal: AbortSignal): Promise<ReadonlyMap<string, TreeEntry>> {
    const files = new Map<string, TreeEntry>();
    const collect = (tree: Tree, prefix: string): void => {
      for (const { mode, path, sha } of tree.tree) {
        if (mode !== '040000') files.set(prefix + path, { mode, oid: sha });
      }
    };
    const waiting: { readonly tree: string; readonly prefix: string }[] = [{ tree: root, prefix: '' }];
    let calls = 0;
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const whole = await this.#fetchTree(repo, next.tree, true, signal);
      calls += 1;
      if (!whole.truncated) {
        collect(whole, next.prefix);
        continue;
      }
      const level = await this.#fetchTree(repo, next.tree, false, signal);
      calls += 1;
      if (level.truncated || calls > MAX_WALK_CALLS) throw truncated(repo, root);
      collect(level, next.prefix);
      for (const entry of level.tree) {
        if (entry.mode === '040000') waiting.push({ tree: entry.sha, prefix: `${next.prefix}${entry.path}/` });
      }
      if (calls + waiting.length > MAX_WALK_CALLS) throw truncated(repo, root);
    }
    return files;
  }
  async #fetchTree(repo: RepositoryId, tree: string, recursive: boolean, signal: AbortSignal): Promise<Tree> {
    // Any value of `recursive`, even `false`, means true.
    const parameters = { ...inRepository(repo), tree_sha: tree, ...(recursive ? { recursive: '1' } : {}) };
    const found = await this.client.call(
      {
        route: 'GET /repos/{owner}/{repo}/git/trees/{tree_sha}',
        parameters,
        schema: treeSchema,
        fresh: true,
        maxBytes: MAX_TREE_BYTES,
      },
      signal,
    );
    if (found.sha !== tree) throw malformed(`GET /repos/${fullName(repo)}/git/trees/${tree}`, `tree ${found.sha}`);
    return found;
  }

  async #fetchBlob(repo: RepositoryId, oid: string, signal: AbortSignal): Promise<string> {
    const parameters = { ...inRepository(repo), file_sha: oid };
    const name = `GET /repos/${fullName(repo)}/git/blobs/${oid}`;
    const call = {
      route: 'GET /repos/{owner}/{repo}/git/blobs/{file_sha}',
      parameters,
      schema: blobSchema,
      fresh: true,
      maxBytes: 2 * MAX_BLOB_BYTES,
    };
    const found = await this.client.call(call, signal).catch((error: unknown) => {
      throw error instanceof OperatorError && error.code === 'GITHUB_TOO_LARGE' ? tooLarge(name) : error;
    });
    if (found.size > MAX_BLOB_BYTES) throw tooLarge(name);
    const bytes = Buffer.from(found.content, 'base64');
    const algorithm = oid.length === 40 ? 'sha1' : 'sha256';
    const seen = createHash(algorithm).update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
    if (seen !== oid) throw malformed(name, `content whose id is ${seen}`);
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (error) {
      throw new OperatorError('GITHUB_BLOB_NOT_TEXT', 'terminal', `${name}: is not UTF-8 text`, { cause: error });
    }
  }
}

const truncated = (repo: RepositoryId, tree: string): OperatorError =>
  new OperatorError(
    'GITHUB_TREE_TRUNCATED',
    'terminal',
    `${fullName(repo)}: GitHub cannot list tree ${tree} whole: the repository is too large for this operator`,
  );
const tooLarge = (name: string): OperatorError =>
  new OperatorError('GITHUB_BLOB_TOO_LARGE', 'terminal', `${name}: is larger than ${MAX_BLOB_BYTES} bytes`);
