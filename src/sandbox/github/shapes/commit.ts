import type { GitCommit, GitSignature } from '../../git-objects.js';
import type { Forge } from '../forge.js';
import { isoTime, nodeId } from '../links.js';
import type { FileDifference } from '../plumbing/differences.js';
import { userOrNull } from './user.js';

function verification(forge: Forge, commit: GitCommit): Record<string, unknown> {
  if (!forge.isVerified(commit)) {
    return { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null };
  }
  const signed = { signature: '-----BEGIN PGP SIGNATURE-----', payload: `tree ${commit.tree}` };
  return { verified: true, reason: 'valid', ...signed, verified_at: isoTime(commit.committer.at) };
}

const signatureShape = (signature: GitSignature): Record<string, unknown> => ({
  name: signature.name,
  email: signature.email,
  date: isoTime(signature.at),
});

/** `git-commit` of the Git Data API: the tree stands at the top. */
export function gitCommitShape(forge: Forge, commit: GitCommit): Record<string, unknown> {
  const { links } = forge;
  return {
    sha: commit.sha,
    node_id: nodeId('Commit', commit.sha),
    url: `${links.repo}/git/commits/${commit.sha}`,
    html_url: `${links.page}/commit/${commit.sha}`,
    author: signatureShape(commit.author),
    committer: signatureShape(commit.committer),
    tree: { sha: commit.tree, url: `${links.repo}/git/trees/${commit.tree}` },
    message: commit.message,
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${links.repo}/git/commits/${sha}`,
      html_url: `${links.page}/commit/${sha}`,
    })),
    verification: verification(forge, commit),
  };
}

/** `commit` of the repository API: the tree stands in `commit`. */
export function commitShape(forge: Forge, commit: GitCommit): Record<string, unknown> {
  const { links } = forge;
  const url = `${links.repo}/commits/${commit.sha}`;
  return {
    sha: commit.sha,
    node_id: nodeId('Commit', commit.sha),
    commit: {
      author: signatureShape(commit.author),
      committer: signatureShape(commit.committer),
      message: commit.message,
      tree: { sha: commit.tree, url: `${links.repo}/git/trees/${commit.tree}` },
      url: `${links.repo}/git/commits/${commit.sha}`,
      comment_count: 0,
      verification: verification(forge, commit),
    },
    url,
    html_url: `${links.page}/commit/${commit.sha}`,
    comments_url: `${url}/comments`,
    author: userOrNull(forge, forge.accounts.byEmail(commit.author.email)),
    committer: userOrNull(forge, forge.accounts.byEmail(commit.committer.email)),
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${links.repo}/commits/${sha}`,
      html_url: `${links.page}/commit/${sha}`,
    })),
  };
}

/** `diff-entry`, without the patch text. */
export function fileShape(forge: Forge, file: FileDifference, sha: string): Record<string, unknown> {
  const { links } = forge;
  const path = file.path.split('/').map(encodeURIComponent).join('/');
  return {
    sha: file.oid,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${links.page}/blob/${sha}/${path}`,
    raw_url: `${links.page}/raw/${sha}/${path}`,
    contents_url: `${links.repo}/contents/${path}?ref=${sha}`,
    ...(file.previousPath === undefined ? {} : { previous_filename: file.previousPath }),
  };
}
