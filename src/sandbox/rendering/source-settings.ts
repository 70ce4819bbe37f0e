import { posix } from 'node:path';
import { z } from 'zod';
import type { CommitFiles } from './commit-files.js';
import { RenderFailure } from './render-failure.js';
import { parseDocuments } from './yaml-documents.js';

const kustomizeSchema = z.strictObject({
  namePrefix: z.string().optional(),
  images: z.array(z.string()).optional(),
});
const directorySchema = z.strictObject({
  recurse: z.boolean().optional(),
  include: z.string().optional(),
  exclude: z.string().optional(),
});

/** One source of an application, as much of it as the sandbox can render. */
export const renderableSourceSchema = z.strictObject({
  repoURL: z.string(),
  path: z.string(),
  targetRevision: z.string().optional(),
  kustomize: kustomizeSchema.optional(),
  directory: directorySchema.optional(),
});
/** A source the sandbox can render. */
export type RenderableSource = z.output<typeof renderableSourceSchema>;

const overrideSchema = z.strictObject({ kustomize: kustomizeSchema.optional(), directory: directorySchema.optional() });

/** Throws RenderFailure for helm, charts, plugins, `ref` and whatever else is beyond the subset. */
export function parseSource(source: unknown): RenderableSource {
  const parsed = renderableSourceSchema.safeParse(source);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'source'}: ${issue.message}`);
  throw new RenderFailure(`the sandbox renders plain directories and kustomize only: ${faults.join('; ')}`);
}

/**
 * `.argocd-source.yaml` and `.argocd-source-<application>.yaml` in the path are merged over the source, as Argo CD
 * does.
 */
export async function withOverrides(
  source: RenderableSource,
  files: CommitFiles,
  application: string,
): Promise<RenderableSource> {
  let merged = source;
  for (const name of ['.argocd-source.yaml', `.argocd-source-${application}.yaml`]) {
    const path = posix.join(source.path, name);
    if (!files.isFile(path)) continue;
    const [document = {}] = parseDocuments(await files.read(path), path);
    const parsed = overrideSchema.safeParse(document);
    if (!parsed.success) throw new RenderFailure(`${path}: beyond the sandbox's subset: ${parsed.error.message}`);
    merged = {
      ...merged,
      ...(parsed.data.kustomize && { kustomize: { ...merged.kustomize, ...parsed.data.kustomize } }),
      ...(parsed.data.directory && { directory: { ...merged.directory, ...parsed.data.directory } }),
    };
  }
  return merged;
}
