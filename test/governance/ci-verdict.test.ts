import { expect } from 'chai';
import fc from 'fast-check';
import { ciVerdict, type CiQuestion, type CiVerdict } from '../../src/governance/ci-verdict.js';
import type { Check, RequiredCheck } from '../../src/ports/source-control.js';
import { T0 } from '../support/attempt-parts.js';

const SETTLE = 60_000;
const check = (name: string, overrides: Partial<Check> = {}): Check => ({
  name,
  kind: 'check-run',
  appId: 1,
  state: 'success',
  conclusion: 'success',
  startedAt: T0,
  completedAt: T0 + 10_000,
  ...overrides,
});
const failed = (name: string, overrides: Partial<Check> = {}): Check =>
  check(name, { state: 'failure', conclusion: 'timed_out', ...overrides });
const running = (name: string, overrides: Partial<Check> = {}): Check => {
  const { completedAt: _completedAt, ...rest } = check(name, {
    state: 'pending',
    conclusion: 'in_progress',
    ...overrides,
  });
  return rest;
};
const status = (name: string, overrides: Partial<Check> = {}): Check => {
  const { appId: _appId, ...rest } = check(name, { kind: 'status', ...overrides });
  return rest;
};
interface Asked {
  readonly required?: readonly RequiredCheck[];
  readonly configured?: readonly RequiredCheck[];
  readonly repository?: Partial<CiQuestion['repository']>;
  readonly afterPushMs?: number;
}
const verdict = (
  checks: readonly Check[],
  { required = [], configured = [], repository = {}, afterPushMs = 3_600_000 }: Asked = {},
): CiVerdict =>
  ciVerdict({
    checks,
    rules: { requiredChecks: required },
    repository: { requiredChecks: configured, allowNoChecks: false, failOnOptionalFailure: true, ...repository },
    pushedAt: T0,
    settleWindowMs: SETTLE,
    now: T0 + afterPushMs,
  });
const REQUIRED: Asked = { required: [{ name: 'validate' }] };
const OPTIONAL_MAY_FAIL = { ...REQUIRED, repository: { failOnOptionalFailure: false } };

describe('the verdict about CI when checks are expected', () => {
  const rows: readonly (readonly [string, readonly Check[], Asked, CiVerdict])[] = [
    [
      'is success when the required check succeeded',
      [check('validate')],
      REQUIRED,
      { kind: 'success', basis: 'required', checks: ['validate'] },
    ],
    [
      'is success at once, without a settle window',
      [check('validate')],
      { ...REQUIRED, afterPushMs: 11_000 },
      { kind: 'success', basis: 'required', checks: ['validate'] },
    ],
    [
      'waits for a required check that never started, and says so',
      [check('lint')],
      REQUIRED,
      { kind: 'pending', waitingFor: ['validate (never started)'] },
    ],
    [
      'waits for a required check that never started for as long as it is asked',
      [],
      { ...REQUIRED, afterPushMs: 86_400_000 },
      { kind: 'pending', waitingFor: ['validate (never started)'] },
    ],
    [
      'waits for a required check that runs',
      [running('validate')],
      REQUIRED,
      { kind: 'pending', waitingFor: ['validate'] },
    ],
    [
      'fails at once when a required check failed, though another still runs',
      [failed('validate'), running('lint')],
      { required: [{ name: 'validate' }, { name: 'lint' }] },
      { kind: 'failed', failed: ['validate (app 1): timed_out'] },
    ],
    [
      'wants what the configuration names as well as what the branch requires',
      [check('validate')],
      { ...REQUIRED, configured: [{ name: 'smoke' }] },
      { kind: 'pending', waitingFor: ['smoke (never started)'] },
    ],
    [
      'names a check once that is required twice',
      [check('validate')],
      { ...REQUIRED, configured: [{ name: 'validate' }] },
      { kind: 'success', basis: 'required', checks: ['validate'] },
    ],
    [
      'wants a check and a status of the same name both: the status runs',
      [check('validate'), status('validate', { state: 'pending', conclusion: 'pending' })],
      REQUIRED,
      { kind: 'pending', waitingFor: ['validate'] },
    ],
    [
      'wants a check and a status of the same name both: the status failed',
      [check('validate'), status('validate', { state: 'failure', conclusion: 'error' })],
      REQUIRED,
      { kind: 'failed', failed: ['validate: error'] },
    ],
    [
      'wants the same check of two apps both',
      [check('validate'), running('validate', { appId: 2 })],
      REQUIRED,
      { kind: 'pending', waitingFor: ['validate'] },
    ],
    [
      "does not take another app's check for one that is pinned to an app",
      [check('validate', { appId: 2 })],
      { required: [{ name: 'validate', appId: 1 }] },
      { kind: 'pending', waitingFor: ['validate (app 1) (never started)'] },
    ],
    [
      'does not take a status anybody can post for a check that is pinned to an app',
      [status('validate')],
      { required: [{ name: 'validate', appId: 1 }] },
      { kind: 'pending', waitingFor: ['validate (app 1) (never started)'] },
    ],
    [
      "takes the pinned app's check",
      [check('validate'), running('validate', { appId: 2 })],
      { required: [{ name: 'validate', appId: 1 }] },
      { kind: 'success', basis: 'required', checks: ['validate (app 1)'] },
    ],
    [
      'fails when a check that nobody requires failed',
      [check('validate'), failed('lint')],
      REQUIRED,
      { kind: 'failed', failed: ['lint (app 1): timed_out'] },
    ],
    [
      'passes over a failed check that nobody requires when that is configured',
      [check('validate'), failed('lint')],
      OPTIONAL_MAY_FAIL,
      { kind: 'success', basis: 'required', checks: ['validate'] },
    ],
    [
      'fails when one of several required checks failed, whatever is configured about the others',
      [check('validate'), failed('lint')],
      { required: [{ name: 'validate' }, { name: 'lint' }], repository: { failOnOptionalFailure: false } },
      { kind: 'failed', failed: ['lint (app 1): timed_out'] },
    ],
    [
      'fails when a required check failed, whatever is configured about the others',
      [failed('validate')],
      OPTIONAL_MAY_FAIL,
      { kind: 'failed', failed: ['validate (app 1): timed_out'] },
    ],
    [
      'does not wait for a check that nobody requires',
      [check('validate'), running('lint')],
      REQUIRED,
      { kind: 'success', basis: 'required', checks: ['validate'] },
    ],
    [
      'is not satisfied by allowNoChecks',
      [],
      { ...REQUIRED, repository: { allowNoChecks: true } },
      { kind: 'pending', waitingFor: ['validate (never started)'] },
    ],
  ];
  for (const [claim, checks, question, expected] of rows) {
    it(claim, () => {
      expect(verdict(checks, question)).to.deep.equal(expected);
    });
  }
});

describe('the verdict about CI when nothing is expected', () => {
  const settling: CiVerdict = {
    kind: 'pending',
    waitingFor: ['the settle window (no check is required, so late ones are waited for)'],
  };
  const rows: readonly (readonly [string, readonly Check[], Asked, CiVerdict])[] = [
    [
      'is success when everything seen succeeded and nothing moved for the settle window',
      [check('validate'), status('lint')],
      {},
      { kind: 'success', basis: 'observed', checks: ['validate (app 1)', 'lint'] },
    ],
    [
      'waits out the settle window after the last check completed',
      [check('validate')],
      { afterPushMs: 69_999 },
      settling,
    ],
    [
      'is success when the settle window is over',
      [check('validate')],
      { afterPushMs: 70_000 },
      { kind: 'success', basis: 'observed', checks: ['validate (app 1)'] },
    ],
    [
      'counts the settle window from the newest of several checks',
      [check('validate'), check('late', { completedAt: T0 + 100_000 })],
      { afterPushMs: 150_000 },
      settling,
    ],
    [
      'counts the settle window from the start of a check that does not tell when it ended',
      [{ name: 'validate', kind: 'status', state: 'success', conclusion: 'success', startedAt: T0 + 100_000 }],
      { afterPushMs: 159_999 },
      settling,
    ],
    [
      'counts the settle window from the push when a check tells no times',
      [{ name: 'validate', kind: 'status', state: 'success', conclusion: 'success' }],
      { afterPushMs: 59_999 },
      settling,
    ],
    [
      'waits for a check that runs',
      [check('validate'), running('lint')],
      {},
      { kind: 'pending', waitingFor: ['lint (app 1)'] },
    ],
    [
      'fails when any check failed, whatever is configured about optional ones',
      [check('validate'), failed('lint')],
      { repository: { failOnOptionalFailure: false } },
      { kind: 'failed', failed: ['lint (app 1): timed_out'] },
    ],
    [
      'waits for a first check right after the push',
      [],
      { afterPushMs: 59_999 },
      { kind: 'pending', waitingFor: ['a first check (none has registered yet)'] },
    ],
    ['is no success when no check ever came', [], { afterPushMs: 60_000 }, { kind: 'none' }],
    [
      'accepts that no check came when that is configured',
      [],
      { afterPushMs: 60_000, repository: { allowNoChecks: true } },
      { kind: 'success', basis: 'none-allowed', checks: [] },
    ],
    [
      'waits for a first check even when none is needed',
      [],
      { afterPushMs: 59_999, repository: { allowNoChecks: true } },
      { kind: 'pending', waitingFor: ['a first check (none has registered yet)'] },
    ],
    [
      'does not let allowNoChecks pass over a failed one',
      [failed('lint')],
      { repository: { allowNoChecks: true } },
      { kind: 'failed', failed: ['lint (app 1): timed_out'] },
    ],
  ];
  for (const [claim, checks, question, expected] of rows) {
    it(claim, () => {
      expect(verdict(checks, question)).to.deep.equal(expected);
    });
  }
});

describe('the verdict about CI', () => {
  const anyCheck = fc
    .record({
      name: fc.constantFrom('a', 'b', 'c'),
      kind: fc.constantFrom<Check['kind']>('check-run', 'status'),
      appId: fc.constantFrom(1, 2),
      state: fc.constantFrom<Check['state']>('success', 'failure', 'pending'),
    })
    .map((c): Check => ({ ...c, conclusion: c.state, completedAt: T0 }));
  const anyChecks = fc.array(anyCheck, { maxLength: 5 });
  const anyRelaxation = fc.record({ allowNoChecks: fc.boolean(), failOnOptionalFailure: fc.boolean() });
  const anyRequired = fc.array(fc.record({ name: fc.constantFrom('a', 'b') }), { maxLength: 2 });
  it('is never success while an expected check failed, runs or is missing', () => {
    fc.assert(
      fc.property(anyChecks, anyRequired, anyRequired, anyRelaxation, (checks, required, configured, repository) => {
        const { kind } = verdict(checks, { required, configured, repository });
        if (kind !== 'success') return;
        const names = [...required, ...configured].map((r) => r.name);
        for (const name of names)
          expect(checks.filter((c) => c.name === name).map((c) => c.state))
            .to.include('success')
            .and.not.include.members(['failure'])
            .and.not.include.members(['pending']);
        if (names.length === 0)
          expect(
            checks.every((c) => c.state === 'success') && (checks.length > 0 || repository.allowNoChecks),
          ).to.equal(true);
      }),
    );
  });
});
