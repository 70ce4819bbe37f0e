import { expect } from 'chai';
import fc from 'fast-check';
import type { RepositoryContent } from '../../src/ports/source-control.js';
import { closuresEqual } from '../../src/gitops/closure-equality.js';
import {
  MAX_RESTORE_CHANGES,
  type RestorePlan,
  planRestore,
  plannedContent,
  postConditionViolation,
} from '../../src/gitops/restore-plan.js';
import { expectClosure, expectRefusal } from './closure-fixture.js';
import { type FileSpec, GitRepository, link } from './git-repository.js';
import { type Files, type PreparedRestore, type RestoreCase, expectPlan, prepareRestore } from './restore-fixture.js';

const path = 'apps/web';

describe('restore plan', () => {
  let git: GitRepository;
  before(() => {
    git = new GitRepository();
  });
  after(() => {
    git.remove();
  });

  const prepare = (c: RestoreCase): Promise<PreparedRestore> => prepareRestore(git, c);
  /** Plans, lets git do it, and checks what came out against everything the plan promised. */
  async function enact(c: RestoreCase): Promise<{ readonly plan: RestorePlan; readonly result: RepositoryContent }> {
    const { head, input, close } = await prepare(c);
    const plan = expectPlan(planRestore(input));
    const tree = git.applyToCommit(head.revision, plan.changes);
    expect(tree, 'the predicted tree').to.equal(plan.tree);
    const result = git.contentOf(git.commitTree(tree));
    expect(new Map(plannedContent(head, plan).files)).to.deep.equal(new Map(result.files));
    const candidateClosure = expectClosure(input.candidateClosure);
    const check = { plan, result, resultClosure: await close(result), head, candidateClosure };
    expect(postConditionViolation(check)).to.equal(undefined);
    expect(closuresEqual(expectClosure(check.resultClosure), candidateClosure)).to.equal(true);
    return { plan, result };
  }

  it('brings the files of the application back and leaves every other file at the head', async () => {
    const { plan, result } = await enact({
      good: {
        'apps/web/a.yaml': 'good',
        'apps/web/gone.yaml': 'g',
        'apps/web/same.yaml': 's',
        'apps/api/x.yaml': 'old',
      },
      bad: {
        'apps/web/a.yaml': 'bad',
        'apps/web/new.yaml': 'n',
        'apps/web/same.yaml': 's',
        'apps/api/x.yaml': 'newer',
      },
    });
    expect(plan.changed).to.deep.equal([
      { path: 'apps/web/a.yaml', kind: 'modified' },
      { path: 'apps/web/gone.yaml', kind: 'added' },
      { path: 'apps/web/new.yaml', kind: 'removed' },
    ]);
    expect(plan.changes.map((c) => [c.path, c.entry?.mode, c.baseMode])).to.deep.equal([
      ['apps/web/new.yaml', undefined, '100644'],
      ['apps/web/a.yaml', '100644', undefined],
      ['apps/web/gone.yaml', '100644', undefined],
    ]);
    expect(await git.readText(result.files.get('apps/api/x.yaml')?.oid ?? '')).to.equal('newer');
  });

  it('brings back a mode alone, a link, a submodule', async () => {
    const { plan } = await enact({
      good: {
        'apps/web/run': { mode: '100755', text: 'x' },
        'apps/web/l': link('run'),
        'apps/web/m': { mode: '160000', text: '1'.repeat(40) },
      },
      bad: { 'apps/web/run': 'x', 'apps/web/l': 'text', 'apps/web/m': { mode: '160000', text: '2'.repeat(40) } },
    });
    expect(plan.changes.map((c) => c.entry?.mode)).to.deep.equal(['120000', '160000', '100755']);
  });

  it('swaps a file for a directory and a directory for a file, removals first', async () => {
    const { plan } = await enact({
      good: { 'apps/web/a': 'x', 'apps/web/b/c/d.yaml': 'y' },
      bad: { 'apps/web/a/z/deep.yaml': 'x', 'apps/web/b': 'y' },
    });
    expect(plan.changes.map((c) => `${c.entry ? '+' : '-'}${c.path}`)).to.deep.equal([
      '-apps/web/a/z/deep.yaml',
      '-apps/web/b',
      '+apps/web/a',
      '+apps/web/b/c/d.yaml',
    ]);
  });

  const overlay = { path: 'apps/web/overlays/staging' };
  const K = 'apps/web/overlays/staging/kustomization.yaml';

  it('restores a shared base together with the overlay, but not the other overlays', async () => {
    const base = 'apps/web/base/kustomization.yaml';
    const { plan } = await enact({
      source: overlay,
      good: {
        [K]: 'resources: [../../base]',
        [base]: 'resources: [d.yaml]',
        'apps/web/base/d.yaml': 'good',
        'apps/web/overlays/prod/kustomization.yaml': 'resources: [../../base]',
      },
      bad: {
        [K]: 'resources: [../../base]',
        [base]: 'resources: [d.yaml]',
        'apps/web/base/d.yaml': 'bad',
        'apps/web/overlays/prod/kustomization.yaml': 'resources: []',
      },
    });
    expect(plan.changed).to.deep.equal([{ path: 'apps/web/base/d.yaml', kind: 'modified' }]);
  });

  it('leaves a new base that only the bad version used: others may use it by now', async () => {
    const { plan } = await enact({
      source: overlay,
      good: { [K]: 'resources: [a.yaml]', 'apps/web/overlays/staging/a.yaml': 'x' },
      bad: {
        [K]: 'resources: [a.yaml, ../../../../lib/new]',
        'apps/web/overlays/staging/a.yaml': 'x',
        'lib/new/kustomization.yaml': 'resources: []',
      },
    });
    expect(plan.changed).to.deep.equal([{ path: K, kind: 'modified' }]);
  });

  it('takes away a renamed kustomization of a base, since two of them would break the rendering', async () => {
    const { plan } = await enact({
      source: overlay,
      good: { [K]: 'resources: [../../base]', 'apps/web/base/kustomization.yaml': 'resources: []' },
      bad: { [K]: 'resources: [../../base]', 'apps/web/base/Kustomization': 'resources: []' },
    });
    expect(plan.changed.map((c) => c.kind)).to.deep.equal(['removed', 'added']);
  });

  it('puts a base directory where the head has a file of that name', async () => {
    await enact({
      source: overlay,
      good: { [K]: 'resources: [../../base]', 'apps/web/base/kustomization.yaml': 'resources: []' },
      bad: { [K]: 'resources: [../../base]', 'apps/web/base': 'kind: ConfigMap' },
    });
  });

  it('comes out as planned for any two states of a directory', async function () {
    this.timeout(60_000);
    const state = fc.dictionary(
      fc.constantFrom('a', 'b', 'a/x', 'a/y/z', 'b/x', 'c.yaml'),
      fc.constantFrom<FileSpec>('1', '2', { mode: '100755', text: '1' }),
      { minKeys: 1 },
    );
    const withoutClash = (files: Files, prefix: string): Files =>
      Object.fromEntries(
        Object.entries(files)
          .filter(([p]) => !Object.keys(files).some((q) => q !== p && q.startsWith(`${p}/`)))
          .map(([p, spec]) => [`${prefix}/${p}`, spec]),
      );
    await fc.assert(
      fc.asyncProperty(state, state, state, state, async (good, bad, otherGood, otherBad) => {
        const c = {
          good: { ...withoutClash(good, path), ...withoutClash(otherGood, 'other') },
          bad: { ...withoutClash(bad, path), ...withoutClash(otherBad, 'other') },
        };
        const { input } = await prepare(c);
        const result = planRestore(input);
        if (result.kind === 'refusal') {
          expect(result.code).to.equal('no-git-delta');
          expect(closuresEqual(expectClosure(input.headClosure), expectClosure(input.candidateClosure))).to.equal(true);
        } else {
          await enact(c);
        }
      }),
      { numRuns: 10 },
    );
  });

  const refusals: readonly (readonly [string, RestoreCase, Parameters<typeof expectRefusal>[1]])[] = [
    [
      'nothing of the application changed',
      { good: { 'apps/web/a': '1', x: '1' }, bad: { 'apps/web/a': '1', x: '2' } },
      'no-git-delta',
    ],
    ['the application is gone at the head', { good: { 'apps/web/a': '1' }, bad: { x: '1' } }, 'path-missing'],
    [
      'the application did not exist at the candidate',
      { good: { x: '1' }, bad: { 'apps/web/a': '1' } },
      'path-missing',
    ],
    [
      'the candidate has no file of its own',
      { source: { path }, good: { 'apps/web/sub/a': '1' }, bad: { 'apps/web/a': '1' } },
      'candidate-empty',
    ],
    ['it renders from the root', { source: { path: '.' }, good: { a: '1' }, bad: { a: '2' } }, 'root-path'],
    [
      'a workflow would change',
      {
        source: { path: '.github/workflows' },
        good: { '.github/workflows/a': '1' },
        bad: { '.github/workflows/a': '2' },
      },
      'protected-files',
    ],
    [
      'CODEOWNERS would change',
      { good: { 'apps/web/CODEOWNERS': '1' }, bad: { 'apps/web/CODEOWNERS': '2' } },
      'protected-files',
    ],
    [
      'Argo CD would not notice a changed file',
      {
        annotations: { 'argocd.argoproj.io/manifest-generate-paths': './a' },
        good: { 'apps/web/a/x': '1', 'apps/web/b': '1' },
        bad: { 'apps/web/a/x': '2', 'apps/web/b': '2' },
      },
      'outside-generate-paths',
    ],
    [
      'the shape is another one at the candidate',
      { good: { 'apps/web/Chart.yaml': '1' }, source: { path }, bad: { 'apps/web/a': '1' } },
      'helm-source',
    ],
  ];
  for (const [claim, c, code] of refusals) {
    it(`is refused when ${claim}: ${code}`, async () => {
      expectRefusal(planRestore((await prepare(c)).input), code);
    });
  }

  it('is refused beyond a thousand changes, and not at a thousand', async () => {
    const { input } = await prepare({ good: { 'apps/web/a': '1' }, bad: { 'apps/web/a': '1' } });
    const closure = expectClosure(input.candidateClosure);
    const entry = closure.files.get('apps/web/a');
    if (!entry) throw new Error('no entry');
    const withFiles = (count: number): typeof closure => ({
      ...closure,
      files: new Map([
        ...closure.files,
        ...Array.from({ length: count }, (_, i) => [`apps/web/f${i}`, entry] as const),
      ]),
    });
    expect(planRestore({ ...input, candidateClosure: withFiles(MAX_RESTORE_CHANGES) }).kind).to.equal('plan');
    expectRefusal(planRestore({ ...input, candidateClosure: withFiles(MAX_RESTORE_CHANGES + 1) }), 'too-many-changes');
  });

  it('is refused when the listing of the head does not add up to its tree: something would be lost', async () => {
    const { input, head } = await prepare({ good: { 'apps/web/a': '1' }, bad: { 'apps/web/a': '2', b: '1' } });
    const short = { ...head, files: new Map([...head.files].filter(([p]) => p !== 'b')) };
    expectRefusal(planRestore({ ...input, head: short }), 'tree-not-reproducible');
  });
});
