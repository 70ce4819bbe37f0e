import { expect } from 'chai';
import { STALE_AFTER_MS, staleBecause } from '../../src/model/freshness.js';
import { degradedApplication, NOW } from '../support/merge-evidence.js';

const SKIP = 'argocd.argoproj.io/skip-reconcile';
const stale = (overrides: Parameters<typeof degradedApplication>[0]): string | undefined =>
  staleBecause(degradedApplication(overrides), NOW);

describe('the word of Argo CD about an application', () => {
  it('can be believed up to seven minutes after it was reconciled, and no longer', () => {
    expect(STALE_AFTER_MS).to.equal(420_000);
    expect(stale({ reconciledAt: NOW - 420_000 })).to.equal(undefined);
    expect(stale({ reconciledAt: NOW - 420_001 })).to.equal('not reconciled for 420 s');
  });
  it('cannot be believed when Argo CD does not say when it was reconciled', () => {
    const { reconciledAt: _reconciledAt, ...rest } = degradedApplication();
    expect(staleBecause(rest, NOW)).to.equal('Argo CD does not say when it was reconciled');
  });
  for (const type of ['ComparisonError', 'InvalidSpecError', 'UnknownError']) {
    it(`cannot be believed under ${type}`, () => {
      expect(
        stale({
          conditions: [
            { type: 'OrphanedResourceWarning', message: '-' },
            { type, message: 'm'.repeat(300) },
          ],
        }),
      ).to.equal(`${type}: ${'m'.repeat(200)}`);
    });
  }
  it('can be believed under conditions that blind nobody', () => {
    expect(
      stale({
        conditions: [
          { type: 'SyncError', message: 'failed' },
          { type: 'SharedResourceWarning', message: '-' },
        ],
      }),
    ).to.equal(undefined);
  });
  it('cannot be believed while an annotation freezes its status, in any spelling Argo CD takes for true', () => {
    for (const value of ['true', 'True', 'TRUE', 't', 'T', '1'])
      expect(stale({ annotations: { [SKIP]: value } }), value).to.equal(`annotation ${SKIP} freezes its status`);
    for (const value of ['false', '0', '', 'yes'])
      expect(stale({ annotations: { [SKIP]: value } }), value).to.equal(undefined);
  });
  it('cannot be believed while it is being deleted', () => {
    expect(stale({ deleting: true })).to.equal('the application is being deleted');
  });
});
