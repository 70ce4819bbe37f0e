import type { SourceSettings } from '../../src/model/application.js';
import type { RepositoryContent } from '../../src/ports/source-control.js';
import type { ClosureResult } from '../../src/gitops/closure-builder.js';
import type { Refusal } from '../../src/gitops/refusal.js';
import type { RestoreInput, RestorePlan } from '../../src/gitops/restore-plan.js';
import { closureAt } from './closure-fixture.js';
import type { FileSpec, GitRepository } from './git-repository.js';

export type Files = Record<string, FileSpec>;
/** A good and a bad state of a repository; the source is apps/web with everything below it, unless given. */
export interface RestoreCase {
  readonly source?: Partial<SourceSettings>;
  readonly annotations?: Record<string, string>;
  readonly good: Files;
  readonly bad: Files;
}
export interface PreparedRestore {
  readonly head: RepositoryContent;
  readonly candidate: RepositoryContent;
  readonly input: RestoreInput;
  readonly close: (content: RepositoryContent) => Promise<ClosureResult>;
}

/** Commits both states and computes the closures. */
export async function prepareRestore(git: GitRepository, c: RestoreCase): Promise<PreparedRestore> {
  const candidate = git.commit(c.good);
  const head = git.commit(c.bad);
  const source = c.source ?? { path: 'apps/web', directory: { recurse: true } };
  const close = (content: RepositoryContent): Promise<ClosureResult> =>
    closureAt(git, content, source, { annotations: c.annotations ?? {} });
  const input = { head, candidate, headClosure: await close(head), candidateClosure: await close(candidate) };
  return { head, candidate, input, close };
}

export function expectPlan(result: RestorePlan | Refusal): RestorePlan {
  if (result.kind === 'refusal') throw new Error(`refused: ${result.code}: ${result.detail}`);
  return result;
}
