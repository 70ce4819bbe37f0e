import { posix } from 'node:path';
import { canonicalJson } from '../../base/hash.js';
import type { JsonObject } from '../json-path.js';
import { CommitFiles } from './commit-files.js';
import type { CommitReader } from './commit-files.js';
import { renderDirectory } from './directory-source.js';
import { parseImageOverride } from './image-override.js';
import { findKustomizationFile } from './kustomization.js';
import type { Kustomization } from './kustomization.js';
import { buildKustomization } from './kustomize-build.js';
import { RenderFailure } from './render-failure.js';
import { parseSource, withOverrides } from './source-settings.js';
import type { RenderableSource } from './source-settings.js';

/** What a source renders to at a commit, in the order of its files. */
export interface RenderedSource {
  readonly sourceType: 'Directory' | 'Kustomize';
  readonly manifests: readonly JsonObject[];
}

const CACHED_COMMITS = 64;
const CACHED_RENDERS = 1024;

/**
 * The sandbox's repo-server: renders an application's source at a commit from the git repository. Commits never change,
 * so answers are kept.
 */
export class ManifestRenderer {
  readonly #commits = new Map<string, Promise<CommitFiles>>();
  readonly #renders = new Map<string, Promise<RenderedSource>>();
  constructor(private readonly reader: CommitReader) {}

  /** Throws RenderFailure when the source cannot be rendered there; `commit` is a resolved id. */
  async render(source: unknown, commit: string, application: string): Promise<RenderedSource> {
    const settings = parseSource(source);
    const key = `${commit} ${application} ${canonicalJson(settings)}`;
    return kept(this.#renders, CACHED_RENDERS, key, () => this.#render(settings, commit, application));
  }

  async #render(given: RenderableSource, commit: string, application: string): Promise<RenderedSource> {
    const files = await kept(this.#commits, CACHED_COMMITS, commit, () => CommitFiles.load(this.reader, commit));
    const path = cleanPath(given.path);
    if (!files.isDirectory(path)) throw new RenderFailure(`${given.path}: app path does not exist`);
    const source = await withOverrides({ ...given, path }, files, application);
    if (source.directory === undefined && files.isFile(posix.join(path, 'Chart.yaml'))) {
      throw new RenderFailure(`${path}: Helm charts are not supported by the sandbox`);
    }
    const isKustomize =
      source.kustomize !== undefined ||
      (source.directory === undefined && findKustomizationFile(files, path) !== undefined);
    if (!isKustomize) {
      return { sourceType: 'Directory', manifests: await renderDirectory(files, path, source.directory ?? {}) };
    }
    const manifests = await buildKustomization(files, path, (own) => applySettings(own, source));
    return { sourceType: 'Kustomize', manifests };
  }
}

function cleanPath(path: string): string {
  const clean = posix.normalize(path).replace(/^\.?\/|\/$|^\.$/g, '');
  if (clean.startsWith('..')) throw new RenderFailure(`${path}: app path is outside of the repository`);
  return clean;
}

/** Argo CD runs `kustomize edit set nameprefix|image` in the checkout before it builds. */
function applySettings(own: Kustomization, source: RenderableSource): Kustomization {
  const overrides = (source.kustomize?.images ?? []).map(parseImageOverride);
  const kept = own.images.filter((image) => !overrides.some((override) => override.name === image.name));
  return {
    ...own,
    namePrefix: source.kustomize?.namePrefix ?? own.namePrefix,
    images: [...kept, ...overrides],
  };
}

/** Answers from the map, else asks once; failures are not kept; the oldest are dropped beyond `limit`. */
async function kept<T>(map: Map<string, Promise<T>>, limit: number, key: string, ask: () => Promise<T>): Promise<T> {
  const known = map.get(key);
  if (known) return known;
  const asked = ask();
  map.set(key, asked);
  asked.catch(() => map.delete(key));
  const oldest = map.keys().next();
  if (map.size > limit && !oldest.done) map.delete(oldest.value);
  return asked;
}
