import type { CommitReader } from '../../../src/sandbox/rendering/commit-files.js';
import { ManifestRenderer } from '../../../src/sandbox/rendering/manifest-renderer.js';
import type { RenderedSource } from '../../../src/sandbox/rendering/manifest-renderer.js';

/** A commit that lives in memory. */
export function memoryCommit(files: Readonly<Record<string, string>>): CommitReader {
  return {
    listTree: async () => Object.keys(files).map((path) => ({ path, mode: '100644', type: 'blob', oid: path })),
    readBlob: async (oid) => Buffer.from(files[oid] ?? ''),
  };
}

export const REPO = 'https://github.com/acme/gitops.git';

/** Renders a path of these files. */
export const render = (
  files: Readonly<Record<string, string>>,
  path: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<RenderedSource> =>
  new ManifestRenderer(memoryCommit(files)).render({ repoURL: REPO, path, ...more }, 'c'.repeat(40), 'checkout');

/** Message of what a render fails with. */
export const failureOf = (rendering: Promise<unknown>): Promise<string> =>
  rendering.then(
    () => 'rendered',
    (error: unknown) => (error as Error).message,
  );

export const configMap = (name: string, value = 'x'): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\ndata: { key: ${value} }\n`;
