import { expect } from 'chai';
import fc from 'fast-check';
import { OperatorError } from '../../src/base/errors.js';
import type { StateName } from '../../src/model/rollback-attempt.js';
import { TRANSITIONS, type Trigger } from '../../src/model/transitions.js';
import { nextState } from '../../src/workflow/rollback-state-machine.js';
import { STATE_NAMES } from '../support/attempts.js';

const STATES: readonly StateName[] = ['Idle', ...STATE_NAMES];
const TRIGGERS: readonly Trigger[] = TRANSITIONS.map((t) => t.name);
const rowOf = (from: StateName, trigger: Trigger) =>
  TRANSITIONS.find((t) => t.name === trigger && (t.from as readonly StateName[]).includes(from));
const attempt = (from: StateName, trigger: Trigger): StateName | 'refused' => {
  try {
    return nextState(from, trigger);
  } catch (error) {
    expect(error).to.be.instanceOf(OperatorError).and.to.include({ code: 'ILLEGAL_TRANSITION', category: 'bug' });
    return 'refused';
  }
};

describe('the state machine of a rollback', () => {
  it('allows exactly the transitions of the table, for every pair of state and trigger', () => {
    for (const from of STATES)
      for (const trigger of TRIGGERS)
        expect(attempt(from, trigger), `${trigger} from ${from}`).to.equal(rowOf(from, trigger)?.to ?? 'refused');
  });
  it('RollbackComplete and Abort are ends: nothing leads out of them', () => {
    for (const end of ['RollbackComplete', 'Abort'] as const)
      expect(TRIGGERS.map((t) => attempt(end, t))).to.deep.equal(TRIGGERS.map(() => 'refused'));
  });
  it('any open state may abort, and only the unconfirmed degradation may be dropped', () => {
    const open = STATES.filter((s) => s !== 'Idle' && s !== 'RollbackComplete' && s !== 'Abort');
    expect(open.map((s) => attempt(s, 'abort'))).to.deep.equal(open.map(() => 'Abort'));
    expect(STATES.filter((s) => attempt(s, 'dismiss') === 'Idle')).to.deep.equal(['DegradationDetected']);
  });
  it('no sequence of triggers merges twice, passes by the candidate, or comes back to a state it has left', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...TRIGGERS), { maxLength: 60 }), (triggers) => {
        const visited: StateName[] = ['Idle'];
        for (const trigger of triggers) {
          const to = attempt(visited.at(-1) ?? 'Idle', trigger);
          if (to === 'refused') continue;
          if (to === 'Idle') visited.length = 0;
          visited.push(to);
        }
        expect(new Set(visited).size).to.equal(visited.length);
        if (visited.includes('RollbackMerged')) expect(visited).to.include('CandidateResolved');
        if (visited.includes('RollbackComplete')) expect(visited).to.include('RollbackMerged');
      }),
    );
  });
  it('a state that nobody knows is a bug', () => {
    expect(() => nextState('Merged' as StateName, 'abort')).to.throw('Merged is no state');
  });
});
