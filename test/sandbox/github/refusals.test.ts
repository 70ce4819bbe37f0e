import { expect } from 'chai';
import { at, GitHubWorld } from '../../support/github-world.js';
import type { GitHubAnswer } from '../../support/github-world.js';

const NOBODY = '0'.repeat(40);

/** Message, and GitHub's own errors where it lists some. */
const said = (answer: GitHubAnswer): unknown[] => {
  const { message, errors } = answer.body as { message: string; errors?: unknown };
  return errors === undefined ? [answer.status, message] : [answer.status, message, errors];
};
const custom = (message: string): unknown[] => [
  422,
  'Validation Failed',
  [{ resource: 'PullRequest', code: 'custom', message }],
];
const field = (name: string): unknown[] => [
  422,
  'Validation Failed',
  [{ resource: 'PullRequest', field: name, code: 'invalid' }],
];

/** What is asked, and what GitHub says to it. `$HEAD` is the tip of main, `$OLD` its parent, `$TREE` its tree. */
const CORPUS: readonly (readonly [string, string, unknown, readonly unknown[]])[] = [
  ['GET', '/git/ref/heads/nowhere', undefined, [404, 'Not Found']],
  ['GET', '/git/ref/heads/mai', undefined, [404, 'Not Found']],
  ['GET', `/git/commits/${NOBODY}`, undefined, [404, 'Not Found']],
  ['GET', `/git/trees/${NOBODY}`, undefined, [404, 'Not Found']],
  ['GET', '/git/trees/$HEAD:apps%2Fnone', undefined, [404, 'Not Found']],
  ['GET', '/git/blobs/$TREE', undefined, [404, 'Not Found']],
  ['GET', `/commits/${NOBODY}`, undefined, [422, `No commit found for SHA: ${NOBODY}`]],
  ['GET', '/commits?sha=nowhere', undefined, [404, 'Not Found']],
  ['GET', '/contents/apps/none', undefined, [404, 'Not Found']],
  ['GET', '/branches/nowhere', undefined, [404, 'Branch not found']],
  ['GET', '/pulls/99', undefined, [404, 'Not Found']],
  ['GET', '/issues/99/comments', undefined, [404, 'Not Found']],
  ['GET', '/nothing/here', undefined, [404, 'Not Found']],
  ['PUT', '/git/refs', {}, [404, 'Not Found']],
  ['POST', '/git/refs', { ref: 'heads/x', sha: '$HEAD' }, [422, "Reference name must start with 'refs/'."]],
  ['POST', '/git/refs', { ref: 'refs/heads/a..b', sha: '$HEAD' }, [422, 'refs/heads/a..b is not a valid ref name.']],
  ['POST', '/git/refs', { ref: 'refs/heads/x' }, [422, 'Invalid request.\n\n"sha" wasn\'t supplied.']],
  ['POST', '/git/refs', { ref: 'refs/heads/x', sha: NOBODY }, [422, 'Object does not exist']],
  ['POST', '/git/refs', { ref: 'refs/heads/x', sha: '$TREE' }, [422, 'Object does not exist']],
  ['POST', '/git/refs', { ref: 'refs/heads/main', sha: '$HEAD' }, [422, 'Reference already exists']],
  ['POST', '/git/refs', { ref: 'refs/heads/main/x', sha: '$HEAD' }, [422, 'Reference update failed']],
  ['POST', '/git/refs', '{"ref":', [400, 'Problems parsing JSON']],
  ['PATCH', '/git/refs/heads/nowhere', { sha: '$HEAD' }, [422, 'Reference does not exist']],
  ['PATCH', '/git/refs/heads/free', { sha: '$OLD' }, [422, 'Update is not a fast forward']],
  ['PATCH', '/git/refs/heads/free', { sha: NOBODY, force: true }, [422, 'Object does not exist']],
  [
    'PATCH',
    '/git/refs/heads/main',
    { sha: '$HEAD' },
    [422, 'Repository rule violations found\n\nChanges must be made through a pull request.'],
  ],
  ['DELETE', '/git/refs/heads/nowhere', undefined, [422, 'Reference does not exist']],
  ['DELETE', '/git/refs/heads/main', undefined, [422, 'Cannot delete this branch']],
  ['POST', '/git/commits', { message: 'm', tree: NOBODY, parents: ['$HEAD'] }, [422, 'Tree SHA does not exist']],
  [
    'POST',
    '/git/commits',
    { message: 'm', tree: '$TREE', parents: [NOBODY] },
    [422, 'Parent SHA does not exist or is not a commit object'],
  ],
  ['POST', '/pulls', { title: 't', head: 'nowhere', base: 'main' }, field('head')],
  ['POST', '/pulls', { title: 't', head: 'other:free', base: 'main' }, field('head')],
  ['POST', '/pulls', { title: 't', head: 'free', base: 'nowhere' }, field('base')],
  ['POST', '/pulls', { title: 't', head: 'free', base: 'main' }, custom('No commits between main and free')],
  [
    'POST',
    '/pulls',
    { title: 't', head: 'acme:taken', base: 'main' },
    custom('A pull request already exists for acme:taken.'),
  ],
  [
    'POST',
    '/pulls',
    { title: 't', head: 'alone', base: 'main' },
    custom('The alone branch has no history in common with main'),
  ],
  [
    'POST',
    '/pulls',
    { title: 't', head: 'free', base: 'main', body: 'x'.repeat(65_537) },
    custom('body is too long (maximum is 65536 characters)'),
  ],
  ['PATCH', '/pulls/1', { state: 'gone' }, field('state')],
  ['GET', '/pulls/1/merge', undefined, [404, 'Not Found']],
  ['PUT', '/pulls/1/merge', { sha: NOBODY }, [409, 'Head branch was modified. Review and try the merge again.']],
  ['PUT', '/pulls/1/merge', { merge_method: 'rebase' }, [405, 'Rebase merges are not allowed on this repository.']],
  [
    'PUT',
    '/pulls/1/merge',
    { merge_method: 'octopus' },
    [422, 'Invalid request.\n\noctopus is not a member of ["merge", "squash", "rebase"].'],
  ],
  [
    'PUT',
    '/pulls/1/merge',
    { commit_title: null },
    [422, "Invalid request.\n\nFor 'properties/commit_title', null is not a string."],
  ],
  ['PUT', '/pulls/2/merge', {}, [405, 'Pull Request is still a draft']],
  ['PUT', '/pulls/3/merge', {}, [405, 'Pull Request is not mergeable']],
  ['PUT', '/pulls/4/merge', {}, [405, 'Pull Request is not mergeable']],
  [
    'POST',
    '/pulls/1/reviews',
    { event: 'APPROVE' },
    [422, 'Unprocessable Entity', ['Can not approve your own pull request']],
  ],
  [
    'POST',
    '/pulls/2/reviews',
    { event: 'APPROVE', commit_id: NOBODY },
    [422, 'Unprocessable Entity', ['Commit is not part of the pull request']],
  ],
  ['DELETE', '/issues/1/labels/none', undefined, [404, 'Label does not exist']],
  ['GET', '/issues/comments/1', undefined, [404, 'Not Found']],
];

describe('the GitHub sandbox refuses as GitHub does', () => {
  let world: GitHubWorld;
  const names = new Map<string, string>();

  before(async () => {
    world = await GitHubWorld.start({ mergeMethods: ['merge', 'squash'] });
    const old = at(await world.repo('GET', '/git/ref/heads/main'), 'object', 'sha') as string;
    const { sandbox } = world;
    await world.proposeChange('taken', { 'apps/web/deployment.yaml': 'image: web:v0\n' });
    await world.openPull('taken');
    await sandbox.push({ branch: 'drafted', files: { 'a.txt': 'a\n' }, message: 'a', by: 'wim' });
    await sandbox.openPullRequest({ by: 'wim', head: 'drafted', base: 'main', title: 'Draft', draft: true });
    await sandbox.push({
      branch: 'clash',
      files: { 'apps/api/deployment.yaml': 'image: api:v7\n' },
      message: 'b',
      by: 'wim',
    });
    await sandbox.openPullRequest({ by: 'wim', head: 'clash', base: 'main', title: 'Conflict' });
    await sandbox.push({ branch: 'closed', files: { 'b.txt': 'b\n' }, message: 'b', by: 'wim' });
    await sandbox.openPullRequest({ by: 'wim', head: 'closed', base: 'main', title: 'Closed' });
    await sandbox.closePullRequest(4, 'wim');
    const head = await sandbox.push({
      branch: 'main',
      files: { 'apps/api/deployment.yaml': 'image: api:v2\n' },
      message: 'api v2',
      by: 'wim',
    });
    await sandbox.push({
      branch: 'free',
      files: { 'apps/api/deployment.yaml': 'image: api:v2\n' },
      message: 'same',
      by: 'wim',
    });
    await sandbox.repository.updateRef('refs/heads/free', head, await sandbox.repository.resolve('free'));
    const files = { 'x.txt': 'x\n' };
    const author = { name: 'x', email: 'x@example.com' };
    await sandbox.repository.commitFiles({ branch: 'alone', files, message: 'root', author, at: world.clock.now() });
    const tree = at(await world.expect(200, 'GET', `/git/commits/${head}`), 'tree', 'sha') as string;
    for (const [name, value] of [
      ['$HEAD', head],
      ['$OLD', old],
      ['$TREE', tree],
    ] as const)
      names.set(name, value);
  });
  after(() => world.stop());

  const filled = (text: string): string => {
    let result = text;
    for (const [name, value] of names) result = result.replaceAll(name, value);
    return result;
  };

  for (const [method, path, body, wanted] of CORPUS) {
    const shown = body === undefined ? '' : JSON.stringify(body).slice(0, 60);
    const title = `${method} ${path.replace(NOBODY, '000...')} ${shown}`;
    it(`${title} -> ${String(wanted[0])}`, async () => {
      const text = typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body);
      const answer = await world.repo(method, filled(path), text === undefined ? undefined : filled(text));
      expect(said(answer)).to.deep.equal(wanted);
      expect(at(answer, 'status')).to.equal(String(answer.status));
    });
  }
});
