import { bug, type PlantedBug } from '../planted-bug.js';

const PROPOSAL = 'stages/4-proposal/rollback-proposal.js';
const OWN_BRANCH = 'plan = { ...plan, branch: `${plan.branch}-${process.pid}` };';

/** Further bugs, that the tests of the judges plant: the first only the death of a process brings to light. */
export const KILL_BUGS: readonly PlantedBug[] = [
  {
    name: 'blind-repeat',
    meaning: 'whose branch is named after the process: after a restart it does not find its own pull request',
    changes: [
      { file: PROPOSAL, from: 'async find(a, plan, signal) {', to: `async find(a, plan, signal) { ${OWN_BRANCH}` },
      {
        file: PROPOSAL,
        from: 'async open(a, plan, restore, text, signal) {',
        to: `async open(a, plan, restore, text, signal) { ${OWN_BRANCH}`,
      },
    ],
    tests: [],
  },
  bug(
    'unannounced-closing',
    'our pull request is closed before anything is said about it in the audit log',
    'workflow/effect-gate.js',
    "if (effect.kind === 'closing' && this.refusal(a, effect.kind) === undefined)",
    'if (false)',
  ),
  bug(
    'closed-over-peoples-heads',
    'a pull request that is left to people is closed all the same',
    'workflow/closed-pull-request.js',
    'async isOver(a, signal) {',
    'async isOver(a, signal) { return true;',
  ),
  bug(
    'table-of-another-order',
    'the candidates are stored in another order than the one in which they were judged',
    'stages/3-resolution/rollback-candidate-resolver.js',
    '{ chosen, table }, marks, signal) {',
    '{ chosen, table }, marks, signal) { table = table.toReversed();',
  ),
  bug(
    'rule-not-told',
    'the first rule that bars a merge is not stored for the person who is waited for',
    'stages/5-merge/merge-controller.js',
    'const { barredBy } = decision;',
    'const barredBy = decision.barredBy.slice(1);',
  ),
];
