import { expect } from 'chai';
import type { FleetRecord } from '../../src/workflow/fleet-view.js';
import { brakeClosedBecause, type BrakeQuestion } from '../../src/workflow/brake.js';
import { attemptId, T0 } from '../support/attempt-parts.js';
import { entryOf } from '../support/fakes/fake-argocd.js';
import { spendOf } from '../support/observations.js';
import { operatorConfig } from '../support/operator-config.js';
import { snapshotOf } from '../support/snapshots.js';

const MINUTE = 60_000;
const record = (
  n: number,
  degraded: boolean,
  healthSince: number,
  environment: FleetRecord['environment'] = 'staging',
): FleetRecord => ({
  entry: entryOf(snapshotOf({ application: `argocd/app${n}`, health: degraded ? 'Degraded' : 'Healthy' })),
  environment,
  healthSince,
  seenAt: T0,
});
/** `turned` of `all` turned Degraded just now. */
const fleetOf = (turned: number, all: number, since = T0 - MINUTE): readonly FleetRecord[] =>
  Array.from({ length: all }, (_, i) => record(i, i < turned, i < turned ? since : 0));
const because = (q: Partial<BrakeQuestion>): string | undefined =>
  brakeClosedBecause({
    environment: 'staging',
    fleet: [],
    spends: [],
    settings: operatorConfig().limits.brake,
    since: 0,
    now: T0,
    ...q,
  });
const failures = (count: number, at = T0 - MINUTE) =>
  Array.from({ length: count }, (_, i) => spendOf({ kind: 'failed-rollback', attempt: attemptId(i), at }));

describe('the brake', () => {
  it('is open for a healthy fleet, an empty one, and one that fails now and then', () => {
    expect([because({}), because({ fleet: fleetOf(0, 100) }), because({ fleet: fleetOf(2, 4) })]).to.deep.equal([
      undefined,
      undefined,
      undefined,
    ]);
  });
  it('closes when 30 % and at least 3 of the managed applications turned Degraded within 10 min', () => {
    expect(because({ fleet: fleetOf(3, 10) })).to.equal(
      '3 of 10 applications of staging turned Degraded within 10 min',
    );
    expect(because({ fleet: fleetOf(29, 100) })).to.equal(undefined);
    expect(because({ fleet: fleetOf(30, 100) })).to.match(/^30 of 100/);
  });
  it('does not count applications that have been red for longer', () => {
    expect(because({ fleet: fleetOf(8, 10, T0 - 10 * MINUTE) })).to.equal(undefined);
  });
  it('counts each environment by itself, and what nobody manages not at all', () => {
    const others = [
      ...fleetOf(3, 10).map((r): FleetRecord => ({ ...r, environment: 'production' })),
      ...fleetOf(5, 5).map(({ entry, ...r }): FleetRecord => ({ ...r, entry, environment: undefined })),
    ];
    expect(because({ fleet: others })).to.equal(undefined);
    expect(because({ fleet: others, environment: 'production' })).to.match(/^3 of 10 applications of production/);
  });
  it('closes after 3 failed rollbacks of the environment within 1 h', () => {
    expect(because({ spends: failures(2) })).to.equal(undefined);
    expect(because({ spends: failures(3) })).to.equal('3 rollbacks failed within 60 min');
    expect(because({ spends: failures(3, T0 - 61 * MINUTE) })).to.equal(undefined);
    expect(because({ spends: failures(3), environment: 'production' })).to.equal(undefined);
  });
  it('counts a failed rollback whose record cannot be read in every environment, and names the record and the mend', () => {
    const unread = { kind: 'failed-rollback', attempt: attemptId(9), unreadable: 'record k: delete it' } as const;
    const why = '3 rollbacks failed within 60 min (1 counted unread: record k: delete it)';
    expect(because({ spends: [...failures(2), unread] })).to.equal(why);
    expect(because({ spends: [...failures(2), unread], environment: 'production' })).to.equal(undefined);
    const three = [unread, { ...unread, attempt: 'b' }, { ...unread, attempt: 'c' }];
    expect(because({ spends: three, environment: 'production', since: T0 })).to.match(/^3 .*3 counted unread/);
  });
  it('merges and pull requests are no failures', () => {
    expect(because({ spends: failures(5).map((s) => ({ ...s, kind: 'merge' as const })) })).to.equal(undefined);
  });
  it('a resume with a reason opens it: what happened before counts no more', () => {
    expect(because({ fleet: fleetOf(5, 5), spends: failures(5), since: T0 - 1_000 })).to.equal(undefined);
  });
});
