import StateMachine from 'javascript-state-machine';
import { OperatorError } from '../base/errors.js';
import type { StateName } from '../model/rollback-attempt.js';
import { TRANSITIONS, type Trigger } from '../model/transitions.js';

const STATES: ReadonlySet<string> = new Set(TRANSITIONS.flatMap((t) => [...t.from, t.to]));

const answered = new Map<string, StateName>();

/**
 * The architecture's table, held by javascript-state-machine: no hooks and no I/O, built once for each question, so that
 * it can neither get stuck nor repeat an effect on resume. Throws ILLEGAL_TRANSITION (bug).
 */
export function nextState(from: StateName, trigger: Trigger): StateName {
  const question = `${from} ${trigger}`;
  const known = answered.get(question);
  if (known !== undefined) return known;
  const next = ask(from, trigger);
  answered.set(question, next);
  return next;
}
function ask(from: StateName, trigger: Trigger): StateName {
  if (!STATES.has(from)) throw new OperatorError('ILLEGAL_TRANSITION', 'bug', `${String(from)} is no state`);
  const machine = new StateMachine({
    init: from,
    transitions: TRANSITIONS,
    methods: {
      // The library throws plain objects; ours must be an Error with a cause.
      onInvalidTransition: (name: string, state: string): never => {
        throw new OperatorError('ILLEGAL_TRANSITION', 'bug', `${name} is not allowed from ${state}`);
      },
    },
  });
  (machine[trigger] as () => void)();
  return machine.state as StateName;
}
