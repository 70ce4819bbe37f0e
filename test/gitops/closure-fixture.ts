import { expect } from 'chai';
import type { SourceSettings } from '../../src/model/application.js';
import type { RepositoryContent } from '../../src/ports/source-control.js';
import { type ClosureRequest, resolveClosure } from '../../src/gitops/closure.js';
import type { Closure, ClosureResult } from '../../src/gitops/closure-builder.js';
import type { RefusalCode } from '../../src/gitops/refusal.js';
import type { GitRepository } from './git-repository.js';

export const REPO_URL = 'https://github.com/acme/deploy.git';

export const closureAt = (
  git: GitRepository,
  content: RepositoryContent,
  source: Partial<SourceSettings>,
  request: Partial<ClosureRequest> = {},
): Promise<ClosureResult> =>
  resolveClosure({
    application: { namespace: 'argocd', name: 'web' },
    shape: 'single',
    sources: [{ repoURL: REPO_URL, targetRevision: 'main', ...source }],
    annotations: {},
    content,
    readText: git.readText,
    ...request,
  });

export function expectClosure(result: ClosureResult): Closure {
  if (result.kind === 'refusal') throw new Error(`refused: ${result.code}: ${result.detail}`);
  return result;
}

export const pathsOf = (result: ClosureResult): readonly string[] => [...expectClosure(result).files.keys()];

export function expectRefusal(result: { readonly kind: string }, code: RefusalCode, detail?: RegExp): void {
  expect(result).to.include({ kind: 'refusal', code });
  if (detail) expect((result as { detail?: string }).detail).to.match(detail);
}
