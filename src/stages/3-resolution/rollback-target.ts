import { refuse, type Refusal } from '../../gitops/refusal.js';
import { parseRepositoryUrl } from '../../gitops/repository-url.js';
import type { SourceSettings } from '../../model/application.js';
import type { RepositoryPolicy } from '../../model/policy.js';
import type { RollbackTarget } from '../../model/rollback-attempt.js';
import type { SourceControl } from '../../ports/source-control.js';

const COMMIT = /^[0-9a-f]{40}$/;

/** Where a rollback of this source would go: a configured repository and a branch; anything else is refused (R2, R3). */
export async function targetOf(
  sourceControl: Pick<SourceControl, 'getRepository' | 'findBranchHead'>,
  repository: RepositoryPolicy | undefined,
  source: SourceSettings,
  signal: AbortSignal,
): Promise<RollbackTarget | Refusal> {
  const parsed = parseRepositoryUrl(source.repoURL);
  if (repository === undefined || parsed === undefined)
    return refuse('foreign-repository', `${source.repoURL} is not among the configured repositories`);
  const repo = { owner: parsed.owner, name: parsed.name };
  const revision = (source.targetRevision ?? '').trim();
  if (COMMIT.test(revision)) return refuse('pinned-revision', `targetRevision is the commit ${revision.slice(0, 10)}`);
  const followsDefault = revision === '' || revision === 'HEAD';
  const branch = followsDefault ? (await sourceControl.getRepository(repo, signal)).defaultBranch : revision;
  if (!followsDefault && (await sourceControl.findBranchHead(repo, branch, signal)) === undefined) {
    return refuse('pinned-revision', `targetRevision ${revision} is no branch`);
  }
  return { owner: repo.owner, repository: repo.name, url: repository.url, branch, path: source.path ?? '' };
}
