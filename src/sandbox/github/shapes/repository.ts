import type { Forge } from '../forge.js';
import { isoTime, nodeId } from '../links.js';
import { userShape } from './user.js';

export const REPOSITORY_ID = 4242;

/** Templates of addresses below the repository's, by field. */
const ADDRESSES: Readonly<Record<string, string>> = {
  archive: '/{archive_format}{/ref}',
  assignees: '/assignees{/user}',
  blobs: '/git/blobs{/sha}',
  branches: '/branches{/branch}',
  collaborators: '/collaborators{/collaborator}',
  comments: '/comments{/number}',
  commits: '/commits{/sha}',
  compare: '/compare/{base}...{head}',
  contents: '/contents/{+path}',
  contributors: '/contributors',
  deployments: '/deployments',
  downloads: '/downloads',
  events: '/events',
  forks: '/forks',
  git_commits: '/git/commits{/sha}',
  git_refs: '/git/refs{/sha}',
  git_tags: '/git/tags{/sha}',
  hooks: '/hooks',
  issue_comment: '/issues/comments{/number}',
  issue_events: '/issues/events{/number}',
  issues: '/issues{/number}',
  keys: '/keys{/key_id}',
  labels: '/labels{/name}',
  languages: '/languages',
  merges: '/merges',
  milestones: '/milestones{/number}',
  notifications: '/notifications{?since,all,participating}',
  pulls: '/pulls{/number}',
  releases: '/releases{/id}',
  stargazers: '/stargazers',
  statuses: '/statuses/{sha}',
  subscribers: '/subscribers',
  subscription: '/subscription',
  tags: '/tags',
  teams: '/teams',
  trees: '/git/trees{/sha}',
};

/** `minimal-repository` of GitHub's schema. */
export function minimalRepository(forge: Forge): Record<string, unknown> {
  const { links, options } = forge;
  const urls = Object.entries(ADDRESSES).map(([name, template]) => [`${name}_url`, links.repo + template]);
  return {
    id: REPOSITORY_ID,
    node_id: nodeId('Repository', REPOSITORY_ID),
    name: options.name,
    full_name: `${options.owner}/${options.name}`,
    private: true,
    owner: userShape(forge, forge.accounts.owner),
    html_url: links.page,
    description: null,
    fork: false,
    url: links.repo,
    ...Object.fromEntries(urls),
  };
}

/** `repository`: what pull requests carry of their head and base. */
export function repositoryShape(forge: Forge): Record<string, unknown> {
  const { links, options } = forge;
  const { owner, name } = options;
  const open = forge.pulls.filter((pull) => pull.state === 'open').length;
  const at = isoTime(forge.startedAt);
  return {
    ...minimalRepository(forge),
    git_url: `git://github.com/${owner}/${name}.git`,
    ssh_url: `git@github.com:${owner}/${name}.git`,
    clone_url: `${links.page}.git`,
    svn_url: links.page,
    mirror_url: null,
    homepage: null,
    language: null,
    size: 1,
    forks: 0,
    forks_count: 0,
    stargazers_count: 0,
    watchers: 0,
    watchers_count: 0,
    open_issues: open,
    open_issues_count: open,
    default_branch: options.defaultBranch,
    has_issues: true,
    has_projects: false,
    has_wiki: false,
    has_pages: false,
    has_downloads: false,
    has_discussions: false,
    archived: options.archived ?? false,
    disabled: false,
    visibility: 'private',
    license: null,
    pushed_at: at,
    created_at: at,
    updated_at: at,
  };
}

/** `full-repository`, with the merge methods and the caller's own permissions. */
export function fullRepository(forge: Forge, permissions: Readonly<Record<string, boolean>>): Record<string, unknown> {
  const allows = (method: 'merge' | 'squash' | 'rebase'): boolean => forge.options.mergeMethods.includes(method);
  return {
    ...repositoryShape(forge),
    subscribers_count: 0,
    network_count: 0,
    permissions,
    allow_merge_commit: allows('merge'),
    allow_squash_merge: allows('squash'),
    allow_rebase_merge: allows('rebase'),
    allow_auto_merge: false,
    delete_branch_on_merge: false,
  };
}
