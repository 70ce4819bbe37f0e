import { posix } from 'node:path';
import { z } from 'zod';
import type { CommitFiles } from './commit-files.js';
import { RenderFailure } from './render-failure.js';
import { parseDocuments } from './yaml-documents.js';

const FILE_NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const;

const imageSchema = z.strictObject({
  name: z.string(),
  newName: z.string().optional(),
  newTag: z.string().optional(),
  digest: z.string().optional(),
});
const targetSchema = z.strictObject({
  group: z.string().optional(),
  version: z.string().optional(),
  kind: z.string().optional(),
  name: z.string().optional(),
  namespace: z.string().optional(),
});
const patchSchema = z.strictObject({
  path: z.string().optional(),
  patch: z.string().optional(),
  target: targetSchema.optional(),
});
const kustomizationSchema = z.strictObject({
  apiVersion: z.string().optional(),
  kind: z.enum(['Kustomization', 'Component']).optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
  resources: z.array(z.string()).default([]),
  bases: z.array(z.string()).default([]),
  components: z.array(z.string()).default([]),
  images: z.array(imageSchema).default([]),
  patches: z.array(patchSchema).default([]),
  namePrefix: z.string().default(''),
});

/** The subset of a kustomization the sandbox renders; every other field is a failed render. */
export type Kustomization = z.output<typeof kustomizationSchema>;
/** One entry of `patches`: inline or in a file. */
export type KustomizePatch = z.output<typeof patchSchema>;
/** Which resources a patch means. */
export type PatchTarget = z.output<typeof targetSchema>;

/** The kustomization file of a directory, if it has one. */
export function findKustomizationFile(files: CommitFiles, directory: string): string | undefined {
  return FILE_NAMES.map((name) => posix.join(directory, name)).find((path) => files.isFile(path));
}

/**
 * Reads the kustomization of a directory. Throws RenderFailure when it is missing, not well formed or beyond the
 * subset.
 */
export async function readKustomization(files: CommitFiles, directory: string): Promise<Kustomization> {
  const path = findKustomizationFile(files, directory);
  if (path === undefined) {
    throw new RenderFailure(
      `unable to find one of ${FILE_NAMES.map((n) => `'${n}'`).join(', ')} in directory '${directory}'`,
    );
  }
  const [document = {}] = parseDocuments(await files.read(path), path);
  const parsed = kustomizationSchema.safeParse(document);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'kustomization'}: ${issue.message}`);
  throw new RenderFailure(`invalid Kustomization ${path} (beyond the sandbox's subset?): ${faults.join('; ')}`);
}
