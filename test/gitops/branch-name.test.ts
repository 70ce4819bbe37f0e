import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import fc from 'fast-check';
import { BRANCH_MAX_BYTES, branchName, isBranchOf, parseBranchName } from '../../src/gitops/branch-name.js';

const hex = fc.stringMatching(/^[0-9a-f]{40}$/);
const versions = fc.record({ bad: hex, good: hex });
const label = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,10}[a-z0-9])?$/);
const clean = { environment: 'staging', application: { namespace: 'argocd', name: 'web.v2' } };
const ids = { bad: 'b'.repeat(40), good: '0123456789'.repeat(4) };

describe('branch name', () => {
  it('says environment, application, bad and good version', () => {
    expect(branchName(clean.environment, clean.application, ids)).to.equal(
      'ai-operator/rollback/staging/argocd.web.v2/bbbbbbbbbb-to-0123456789',
    );
  });

  it('is read back as it was built, for every ordinary name', () => {
    fc.assert(
      fc.property(label, label, label, versions, (environment, namespace, name, v) => {
        const branch = branchName(environment, { namespace, name }, v);
        expect(parseBranchName(branch)).to.deep.equal({
          environment,
          target: `${namespace}.${name}`,
          bad: v.bad.slice(0, 10),
          good: v.good.slice(0, 10),
        });
      }),
    );
  });

  it('is at most 120 bytes, valid and recognised for any names whatever', function () {
    this.timeout(60_000);
    const branches: string[] = [];
    const anything = fc.oneof(
      fc.string({ maxLength: 300 }),
      fc.string({ unit: 'binary', maxLength: 20 }),
      label,
      fc.constantFrom('x.lock', '..', '@{', 'HEAD', '-', 'A/B', ''),
    );
    fc.assert(
      fc.property(anything, anything, anything, versions, (environment, namespace, name, v) => {
        const branch = branchName(environment, { namespace, name }, v);
        const parsed = parseBranchName(branch);
        expect(Buffer.byteLength(branch)).to.be.at.most(BRANCH_MAX_BYTES);
        expect(parsed && isBranchOf(parsed, environment, { namespace, name })).to.equal(true);
        branches.push(branch);
      }),
      { numRuns: 100 },
    );
    for (const branch of branches) {
      expect(spawnSync('git', ['check-ref-format', `refs/heads/${branch}`]).status, branch).to.equal(0);
    }
  });

  it('differs for different applications, also when both names are too long or not plain', () => {
    const long = 'a'.repeat(200);
    const names = [`${long}b`, `${long}c`, 'web', 'Web', 'we b', 'we-b', 'web.', 'web_', 'x.lock'];
    const branches = names.map((name) => branchName('staging', { namespace: 'argocd', name }, ids));
    expect(new Set(branches).size).to.equal(names.length);
    expect(
      new Set(['prod', 'Prod', 'p'.repeat(30), 'p'.repeat(31)].map((e) => branchName(e, clean.application, ids))).size,
    ).to.equal(4);
  });

  it('of anyone else is not taken for ours', () => {
    for (const branch of [
      'main',
      'ai-operator/rollback/staging/argocd.web/bbbbbbbbbb-to-012345678',
      'ai-operator/rollback/staging/argocd.web/bbbbbbbbbb-to-0123456789/x',
      'x/ai-operator/rollback/staging/argocd.web/bbbbbbbbbb-to-0123456789',
      'ai-operator/rollback/staging/argocd.web/bbbbbbbbbb-to-0123456789\n',
      `ai-operator/rollback/staging/${'a'.repeat(100)}/bbbbbbbbbb-to-0123456789`,
    ]) {
      expect(parseBranchName(branch), branch).to.equal(undefined);
    }
  });

  it('is never built from a version that is no hash', () => {
    expect(() => branchName('staging', clean.application, { ...ids, bad: 'v1.2.3' }))
      .to.throw()
      .with.property('code', 'BRANCH_VERSION_INVALID');
  });
});
