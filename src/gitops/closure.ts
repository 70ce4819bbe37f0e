import type { ApplicationName, SourceSettings, SourceShape } from '../model/application.js';
import type { RepositoryContent } from '../ports/source-control.js';
import { type Closure, ClosureBuilder, type ClosureResult, refusalOfPath } from './closure-builder.js';
import { addDirectoryClosure } from './directory-closure.js';
import { effectiveSource } from './effective-source.js';
import { generatePathCovers, generatePaths } from './generate-paths.js';
import { addKustomizeClosure } from './kustomize-closure.js';
import { type Refusal, refuse } from './refusal.js';
import { joinInRepository } from './repository-path.js';
import { type ReadText, RepositoryTree } from './repository-tree.js';

/** Whose closure, at which commit. */
export interface ClosureRequest {
  readonly application: ApplicationName;
  readonly shape: SourceShape;
  readonly sources: readonly SourceSettings[];
  readonly annotations: Readonly<Record<string, string>>;
  /** Argo CD's word, where there is one: only it can see that a plugin matched. */
  readonly sourceType?: string;
  readonly content: RepositoryContent;
  readonly readText: ReadText;
}

/** Refuses by name whatever is not one git source with a path; answers that source otherwise. */
export function singleGitSource(
  request: Pick<ClosureRequest, 'shape' | 'sources' | 'sourceType'>,
): { readonly kind: 'git'; readonly source: SourceSettings } | Refusal {
  if (request.shape === 'hydrator') return refuse('hydrator', 'the application is rendered by the source hydrator');
  const [source, ...others] = request.sources;
  if (!source) return refuse('closure-not-computable', 'the application has no source');
  if (request.shape === 'multiple' || others.length > 0) {
    return refuse('several-sources', `the application has ${request.sources.length} source(s) in spec.sources`);
  }
  if (/^oci:/i.test(source.repoURL)) return refuse('oci-source', 'the source is an OCI artifact');
  if (source.chart) return refuse('chart-version', `the source is the chart ${source.chart}`);
  if (request.sourceType === 'Plugin') return refuse('plugin-source', 'Argo CD renders it by a plugin');
  if (request.sourceType === 'Helm') return refuse('helm-source', 'Argo CD renders it as a Helm chart');
  return { kind: 'git', source };
}

/** Files named by manifest-generate-paths. The repository as a whole names no file in particular, so it adds none. */
async function addGeneratePaths(builder: ClosureBuilder, entries: readonly string[]): Promise<Refusal | undefined> {
  for (const entry of entries) {
    if (entry === '') continue;
    if (/[[\]\\]/.test(entry)) {
      return refuse('closure-not-computable', `manifest-generate-paths: ${entry} is no plain pattern`);
    }
    if (builder.tree.isDirectory(entry)) {
      const refused = await builder.addSubtree(entry);
      if (refused) return refused;
      continue;
    }
    builder.addScope('pattern', entry);
    const named = builder.tree.filesUnder('').filter((path) => generatePathCovers(entry, path));
    const refused = await builder.addFiles(named);
    if (refused) return refused;
  }
  return undefined;
}

/**
 * The files an application renders from at one commit: a superset where Argo CD's own choice is finer, never a subset
 * (semantics 6; facts on Argo CD 2.9). Nothing is executed. What cannot be computed is refused, with a name.
 * @throws what `readText` throws.
 */
export async function resolveClosure(request: ClosureRequest): Promise<ClosureResult> {
  const single = singleGitSource(request);
  if (single.kind === 'refusal') return single;
  const named = single.source.path ?? '';
  const cleaned = joinInRepository('', named);
  if (cleaned === undefined) return refuse('leaves-repository', `spec.source.path ${named} leaves the repository`);
  const tree = new RepositoryTree(request.content, request.readText);
  const place = await tree.resolve(cleaned);
  const misplaced = refusalOfPath(place, `spec.source.path ${named}`);
  if (misplaced) return misplaced;
  if (place.kind !== 'directory') {
    return refuse('path-missing', `${named} is no directory at ${request.content.revision}`);
  }
  const source = await effectiveSource(tree, place.path, single.source, request.application);
  if (source.kind === 'refusal') return source;

  const builder = new ClosureBuilder(tree, place.path);
  builder.addLinks(place.links);
  const add = source.shape === 'kustomize' ? addKustomizeClosure : addDirectoryClosure;
  const entries = generatePaths(request.annotations, cleaned);
  const refused = (await add(builder, place.path, source.settings)) ?? (await addGeneratePaths(builder, entries ?? []));
  if (refused) return refused;
  const rest: Pick<Closure, 'shape' | 'generatePaths'> = {
    shape: source.shape,
    ...(entries === undefined ? {} : { generatePaths: entries }),
  };
  return builder.build(rest);
}
