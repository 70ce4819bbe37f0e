import { expect } from 'chai';
import { OperatorError } from '../../../src/base/errors.js';
import type { Outcome } from '../../../src/model/outcome.js';
import { RollbackCandidateResolver } from '../../../src/stages/3-resolution/rollback-candidate-resolver.js';
import { attemptId, SHOP } from '../../support/attempt-parts.js';
import { attemptAt, type AttemptAt } from '../../support/attempts.js';
import { latchOf, quarantineOf, restorationOf } from '../../support/observations.js';
import { manifestPath } from '../../support/operator-world.js';
import { ShopCase } from '../../support/shop-case.js';
import { SOURCES } from '../../support/snapshots.js';

const FAILED = [{ name: 'validate', kind: 'check-run', state: 'failure', conclusion: 'failure' }] as const;
const MONTH = 30 * 86_400_000;

describe('RollbackCandidateResolver', () => {
  let shop: ShopCase;
  beforeEach(async () => {
    shop = await new ShopCase().degrade();
  });
  const resolve = (a: AttemptAt<'resolving'> = shop.confirmed()): Promise<Outcome<'DegradationDetected'>> =>
    shop.process.container.get(RollbackCandidateResolver).handle(a, shop.signal);
  const advance = async (): Promise<Extract<Outcome<'DegradationDetected'>, { kind: 'advance' }>['with']> => {
    const outcome = await resolve();
    if (outcome.kind !== 'advance') throw new Error(JSON.stringify(outcome));
    return outcome.with;
  };
  const refusal = async (): Promise<string> => {
    const outcome = await resolve();
    return outcome.kind === 'abort' ? outcome.reason : outcome.kind;
  };
  const markOf = <M extends { readonly until: number; readonly at: number }>(mark: M): M => ({
    ...mark,
    application: SHOP,
    attempt: attemptId(5),
    at: shop.world.clock.now() - 1_000,
    until: shop.world.clock.now() + MONTH,
  });
  const badContent = async (): Promise<string> => (await advance()).badContent;

  it('finds the version that ran well before, and says where the rollback goes', async () => {
    const found = await advance();
    expect(found.candidate).to.deep.include({ revision: shop.good, basis: 'uptime', ci: 'success', passedOver: 0 });
    expect(found.candidate.uptime).to.include({ kind: 'measured', ratio: 1, coverage: 1 });
    expect(found.target).to.deep.equal({
      owner: 'acme',
      repository: 'gitops',
      url: 'https://github.com/acme/gitops',
      branch: 'main',
      path: 'apps/shop/overlays/staging',
    });
    expect(found).to.deep.include({ proposeOnly: [], step: { name: 'planning' }, diagnosis: [] });
    expect(found.badContent).not.to.equal(found.candidate.content);
  });
  it('keeps the whole table of versions, with a verdict for each', async () => {
    const { table } = await advance();
    expect(table.map((r) => r.verdict)).to.deep.equal([
      { kind: 'chosen', basis: 'uptime' },
      { kind: 'eligible', basis: 'uptime' },
    ]);
  });
  it('shows what ails the pods, and goes on without when they cannot be read', async () => {
    shop.world.kubernetes.pods = [
      { pod: 'shop-1', container: 'app', reason: 'CrashLoopBackOff', message: '', restarts: 3 },
    ];
    expect((await advance()).diagnosis).to.deep.equal(shop.world.kubernetes.pods);
    shop.world.kubernetes.hooks.before = () => {
      throw new OperatorError('KUBERNETES_DENIED', 'denied', '403');
    };
    expect((await advance()).diagnosis).to.deep.equal([]);
  });
  it('passes over a version whose CI failed', async () => {
    shop.world.github.checks.set(shop.good, FAILED);
    const { candidate, table } = await advance();
    expect([candidate.revision === shop.good, candidate.passedOver]).to.deep.equal([false, 1]);
    expect(table[0]?.verdict).to.include({ kind: 'rejected', because: 'ci-failed' });
  });
  it('passes over a quarantined version', async () => {
    const { candidate } = await advance();
    await shop.process.outside.store.putMark(markOf(quarantineOf({ content: candidate.content })));
    expect((await advance()).table[0]?.verdict).to.include({ kind: 'rejected', because: 'quarantined' });
  });
  it('finds none when no version qualifies, and names why not', async () => {
    shop.world.github.ci = FAILED;
    const outcome = await resolve();
    expect(outcome).to.include({ kind: 'abort', reason: 'no-candidate' });
    expect('why' in outcome && outcome.why).to.match(/^[0-9a-f]{10}: ci-failed .*; [0-9a-f]{10}: ci-failed/);
  });
  it('without metrics falls back to CI', async () => {
    shop.world.prometheus.history = () => ({ kind: 'unavailable', why: 'connection refused' });
    expect((await advance()).candidate).to.include({ revision: shop.good, basis: 'ci' });
  });
  it("takes a version of the ledger that Argo CD's history has lost", async () => {
    const { history } = shop.world.argocd.get(SHOP);
    await Promise.all(
      history.slice(0, 2).map((h) =>
        shop.process.outside.store.appendLedger(SHOP, {
          revisions: h.revisions,
          settings: shop.confirmed().bad.settings,
          deployedAt: h.deployedAt,
        }),
      ),
    );
    shop.world.argocd.change(SHOP, { history: [] });
    expect((await advance()).candidate.revision).to.equal(shop.good);
  });

  it('drops an attempt whose content was dealt with under another commit, and remembers the commit', async () => {
    const latch = markOf(latchOf({ content: await badContent(), revisions: ['1'.repeat(40)] }));
    await shop.process.outside.store.putMark(latch);
    expect(await resolve()).to.deep.equal({
      kind: 'dismiss',
      why: `already tried: ci-failed (attempt ${attemptId(5)})`,
      remember: { ...latch, revisions: ['1'.repeat(40), shop.bad] },
    });
  });
  it('does not let the latch of the attempt it repeats stand in its way', async () => {
    await shop.process.outside.store.putMark(markOf(latchOf({ content: await badContent() })));
    expect((await resolve(shop.confirmed({ retryOf: attemptId(5) }))).kind).to.equal('advance');
  });
  it('drops an attempt about a version that a rollback put there, with an alert', async () => {
    await shop.process.outside.store.putMark(
      markOf(restorationOf({ content: await badContent(), revisions: ['1'.repeat(40)] })),
    );
    expect(await resolve()).to.include({ kind: 'dismiss', notice: 'rollback-of-rollback' });
  });
  it('may only propose for a quarantined bad version', async () => {
    await shop.process.outside.store.putMark(markOf(quarantineOf({ content: await badContent(), revisions: [] })));
    expect((await advance()).proposeOnly.map((r) => r.split(':')[0])).to.deep.equal(['quarantined']);
  });

  it('drops an attempt when another version was deployed meanwhile', async () => {
    shop.world.github.git.push('main', { [manifestPath('shop')]: 'shop: v3 bad\n' });
    shop.world.deploy(SHOP);
    expect(await resolve()).to.deep.equal({ kind: 'dismiss', why: 'another version was deployed meanwhile' });
  });
  it('waits while Argo CD does not say what is deployed: that is no other version', async () => {
    const { deployed: _deployed, ...silent } = shop.world.argocd.get(SHOP);
    shop.world.argocd.set(silent);
    expect(await resolve()).to.include({ kind: 'wait' });
  });
  it('refuses what it cannot roll back, by name', async () => {
    const source = SOURCES[0] ?? { repoURL: '' };
    const spec = async (change: object): Promise<string> => {
      const before = shop.world.argocd.get(SHOP);
      shop.world.argocd.change(SHOP, change);
      const code = await refusal();
      shop.world.argocd.set(before);
      return code;
    };
    expect(await spec({ sources: [{ ...source, path: 'apps/other' }] })).to.equal('refused(settings-changed)');
    expect(await spec({ sourceType: 'Helm' })).to.equal('refused(helm-source)');
    expect(await spec({ shape: 'multiple' })).to.equal('refused(several-sources)');
  });
  it('refuses a repository that is not configured, and a branch that lost the bad commit', async () => {
    const { repository: _repository, ...policy } = shop.confirmed().policy;
    expect(await resolve(shop.confirmed({ policy }))).to.include({ reason: 'refused(foreign-repository)' });
    shop.world.github.git.branches.set('main', shop.good);
    expect(await refusal()).to.equal('refused(not-an-ancestor)');
  });
  it('an upstream that fails is an error for the workflow, never an answer', async () => {
    shop.process.sourceControl.hooks.before = (call) => {
      if (call.startsWith('readRepositoryContent')) throw new OperatorError('GITHUB_UNREACHABLE', 'transient', '503');
    };
    let thrown: unknown;
    await resolve().catch((error: unknown) => (thrown = error));
    expect(thrown).to.include({ code: 'GITHUB_UNREACHABLE' });
  });
  it('waits while the attempt is not confirmed', async () => {
    const outcome = await shop.process.container
      .get(RollbackCandidateResolver)
      .handle(attemptAt('confirming'), shop.signal);
    expect(outcome.kind).to.equal('wait');
  });
});
