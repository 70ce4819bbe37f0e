import { expect } from 'chai';
import { at, GitHubWorld, pick } from '../../support/github-world.js';

describe('checks in the GitHub sandbox', () => {
  let world: GitHubWorld;
  let sha: string;
  const start = async (changes: Parameters<typeof GitHubWorld.start>[0] = {}): Promise<void> => {
    world = await GitHubWorld.start({
      ci: [
        { name: 'build', kind: 'check-run', registersAfterMs: 20_000, takesMs: 60_000, conclusion: 'success' },
        { name: 'lint', kind: 'status', registersAfterMs: 5_000, takesMs: 10_000, conclusion: 'failure' },
        { name: 'ghost', kind: 'check-run', registersAfterMs: 0, takesMs: 0, conclusion: 'never-starts' },
      ],
      ...changes,
    });
    sha = await world.proposeChange('ops/back', { 'apps/web/deployment.yaml': 'image: web:v0\n' });
  };
  afterEach(() => world.stop());

  const seen = async (commit = sha): Promise<unknown> => {
    const runs = await world.expect(200, 'GET', `/commits/${commit}/check-runs`);
    const combined = await world.expect(200, 'GET', `/commits/${commit}/status`);
    const run = (at(runs, 'check_runs') as { status: string; conclusion: unknown }[]).map(
      (r) => `${r.status}/${String(r.conclusion)}`,
    );
    return [run, at(combined, 'state'), at(combined, 'total_count')];
  };

  it('shows nothing at first, and then what its clock says', async () => {
    await start();
    expect(await seen()).to.deep.equal([[], 'pending', 0]);
    await world.clock.advance(3_600_000);
    expect(await seen()).to.deep.equal([[], 'pending', 0]);
    await world.openPull('ops/back');
    expect(await seen()).to.deep.equal([[], 'pending', 0]);
    await world.clock.advance(5_000);
    expect(await seen()).to.deep.equal([[], 'pending', 1]);
    await world.clock.advance(15_000);
    expect(await seen()).to.deep.equal([['in_progress/null'], 'failure', 1]);
    await world.clock.advance(60_000);
    expect(await seen()).to.deep.equal([['completed/success'], 'failure', 1]);
  });

  it('begins anew for every head', async () => {
    await start();
    await world.openPull('ops/back');
    await world.clock.advance(90_000);
    const next = await world.sandbox.pushToPullRequest(1, 'wim', { 'apps/web/more.yaml': 'x\n' });
    expect(await seen(next)).to.deep.equal([[], 'pending', 0]);
    await world.clock.advance(90_000);
    expect(await seen(next)).to.deep.equal([['completed/success'], 'failure', 1]);
  });

  it('is clean before anything registers and unstable while it runs, when nothing is required', async () => {
    await start();
    await world.openPull('ops/back');
    const state = async (): Promise<unknown> => at(await world.expect(200, 'GET', '/pulls/1'), 'mergeable_state');
    expect(await state()).to.equal('clean');
    await world.clock.advance(5_000);
    expect(await state()).to.equal('unstable');
  });

  it('shows the chosen outcome on seeded history, and nothing on commits made over the API', async () => {
    await start({ historyCi: 'success' });
    const main = (await world.sandbox.repository.resolve('main')) ?? '';
    expect(await seen(main)).to.deep.equal([['completed/success'], 'success', 1]);
    expect(await seen()).to.deep.equal([[], 'pending', 0]);
  });

  it('takes reports of check runs and statuses, and shows the newest of each name', async () => {
    await start({
      ci: [],
      appPermissions: { contents: 'write', checks: 'write', statuses: 'write', metadata: 'read' },
    });
    const run = await world.expect(201, 'POST', '/check-runs', { name: 'scan', head_sha: sha, status: 'in_progress' });
    expect(await seen()).to.deep.equal([['in_progress/null'], 'pending', 0]);
    const id = at(run, 'id') as number;
    await world.expect(200, 'PATCH', `/check-runs/${id}`, { conclusion: 'timed_out' });
    expect(pick(await world.expect(200, 'GET', `/check-runs/${id}`), 'status', 'conclusion')).to.deep.equal({
      status: 'completed',
      conclusion: 'timed_out',
    });
    await world.expect(201, 'POST', '/check-runs', { name: 'scan', head_sha: sha, conclusion: 'success' });
    expect(await seen()).to.deep.equal([['completed/success'], 'pending', 0]);
    const all = await world.expect(200, 'GET', `/commits/${sha}/check-runs?filter=all`);
    expect(at(all, 'total_count')).to.equal(2);
    for (const state of ['pending', 'failure', 'success'])
      await world.expect(201, 'POST', `/statuses/${sha}`, { state, context: 'c' });
    expect(await seen()).to.deep.equal([['completed/success'], 'success', 1]);
    await world.expect(422, 'POST', `/statuses/${sha}`, { state: 'great' });
    await world.expect(422, 'POST', '/check-runs', { name: 'scan', head_sha: sha, status: 'completed' });
  });
});
