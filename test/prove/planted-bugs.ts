/** One bug on purpose: `from` becomes `to` in a compiled file (below the folder of `src`), in memory only. */
export interface PlantedBug {
  readonly name: string;
  readonly meaning: string;
  readonly changes: readonly { readonly file: string; readonly from: string; readonly to: string }[];
  /** Asked when the schedules do not see it: below the folder of `test`. */
  readonly tests: readonly string[];
}
const bug = (
  name: string,
  meaning: string,
  file: string,
  from: string,
  to: string,
  ...tests: readonly string[]
): PlantedBug => ({ name, meaning, changes: [{ file, from, to }], tests });

const GATE = 'workflow/effect-gate.js';
const SERVICE = 'workflow/fsm-service.js';
const CONTROLLER = 'workflow/fsm-controller.js';
const MERGE = 'stages/5-merge/merge-controller.js';
const CI = 'governance/ci-verdict.js';
const STORE = 'adapters/memory/in-memory-state-store.js';

/** What a rollback operator typically gets wrong. Each must be caught by some test. */
export const PLANTED_BUGS: readonly PlantedBug[] = [
  bug(
    'blind-retry',
    'nobody looks for an effect before doing it again',
    GATE,
    'if (there !== undefined) {',
    'if (false) {',
    'workflow/effect-gate',
  ),
  bug(
    'no-head-pin',
    'merges whatever head the pull request has now',
    MERGE,
    '{ headSha: step.headSha, method: step.method }',
    '{ headSha: (await this.sourceControl.getPullRequestStatus(repo, number, s)).headSha, method: step.method }',
    'stages/5-merge/merge-controller-merging',
    'attack/merge-window',
  ),
  bug(
    'no-last-look',
    'the pull request is not looked at again right before the merge',
    MERGE,
    '(await this.#isAsJudged(a, pr, step.headSha, s)) ? undefined : pr',
    '(pr.merged ? pr : undefined)',
    'stages/5-merge/merge-controller-merging',
    'attack/merge-window',
  ),
  bug(
    'drift-not-checked',
    'changed files on the base branch count as unchanged',
    'stages/5-merge/branch-drift.js',
    ": { kind: 'changed', head }",
    ": { kind: 'unchanged', head }",
    'stages/5-merge/merge-controller',
  ),
  bug(
    'old-evidence',
    'a merge may rest on evidence of any age',
    MERGE,
    'return age < 0 || age > EVIDENCE_MAX_AGE_MS ||',
    'return',
    'stages/5-merge/merge-controller-merging',
    'attack/clock-skew',
  ),
  bug(
    'audit-after-effect',
    'the audit record of a decision is written later',
    SERVICE,
    'const witness = await this.audit.append(decisionEntry(from, next, settled.why, this.clock.now()));',
    "const witness = '0:0'; void this.clock.sleep(5000).then(() => this.audit.append(decisionEntry(from, next, settled.why, this.clock.now()))).catch(() => undefined);",
    'workflow/fsm-service',
  ),
  {
    name: 'lost-answer-is-failure',
    meaning: 'an effect whose answer was lost counts as not done',
    changes: [
      {
        file: GATE,
        from: "if (e.category !== 'transient' && e.category !== 'unknown' && e.category !== 'conflict') {",
        to: 'if (true) {',
      },
      {
        file: CONTROLLER,
        from: "isUnusableAnswer(e) ? 'transient' : e.category",
        to: "e.category === 'unknown' ? 'terminal' : e.category",
      },
    ],
    tests: ['workflow/effect-gate', 'workflow/fsm-controller-failures'],
  },
  bug(
    '5xx-is-failure',
    'an upstream that is down for a moment ends the attempt',
    CONTROLLER,
    "isUnusableAnswer(e) ? 'transient' : e.category",
    "e.category === 'transient' ? 'terminal' : e.category",
    'workflow/fsm-controller-failures',
  ),
  bug(
    'no-fence',
    'a writer that was replaced goes on writing',
    STORE,
    'if (!this.#shelf.isWriter(this.#token))',
    'if (false)',
    'adapters/memory/in-memory-state-store',
  ),
  bug(
    'no-compare',
    'a version that changed meanwhile is overwritten',
    STORE,
    '&& String(present.revision) === expected',
    '',
    'adapters/memory/in-memory-state-store',
  ),
  bug(
    'two-active',
    'an attempt is opened beside another one of the application',
    STORE,
    'this.#shelf.active.has(attempt.application) ||',
    '',
    'adapters/memory/in-memory-state-store',
  ),
  bug(
    'acts-before-stored',
    'a transition that could not be stored is acted upon',
    SERVICE,
    'const saved = await this.#save(at, settled, witness);',
    "const saved = await this.#save(at, settled, witness).catch(() => ({ kind: 'saved', stored: { value: { ...next, witness }, revision: at.revision } }));",
    'workflow/fsm-service',
    'workflow/lost-answers-of-the-store',
  ),
  {
    name: 'unknown-is-degraded',
    meaning: 'a check that saw nothing continues a run of Degraded ones',
    changes: [
      {
        file: 'model/health-check.js',
        from: 'check.health !== health)',
        to: "(check.health !== health && check.health !== 'Unknown'))",
      },
      {
        file: 'stages/2-confirmation/confirmation.js',
        from: '.every((c) => sameRunning(c, last))',
        to: ".every((c) => c.health === 'Unknown' || last.health === 'Unknown' || sameRunning(c, last))",
      },
    ],
    tests: ['stages/2-confirmation/confirmation', 'stages/6-verification/health-monitor'],
  },
  bug(
    'unanswered-is-degraded',
    'an Argo CD that does not answer makes the application Degraded',
    'stages/1-detection/degradation-detector.js',
    "health: 'Unknown',",
    "health: 'Degraded',",
    'stages/1-detection/degradation-detector',
  ),
  bug(
    'no-checks-is-success',
    'a head without any check counts as tested',
    CI,
    "q.repository.allowNoChecks ? { kind: 'success', basis: 'none-allowed', checks: [] } : { kind: 'none' }",
    "{ kind: 'success', basis: 'none-allowed', checks: [] }",
    'governance/ci-verdict',
  ),
  {
    name: 'pending-is-success',
    meaning: 'a check that has not ended counts as passed',
    changes: [
      { file: CI, from: "const pending = q.checks.filter((c) => c.state === 'pending');", to: 'const pending = [];' },
      { file: CI, from: "seen.every((c) => c.state === 'success')", to: "seen.every((c) => c.state !== 'failure')" },
    ],
    tests: ['governance/ci-verdict'],
  },
  bug(
    'abort-not-heeded',
    'a stored stop does not bar effects',
    GATE,
    '(a.stop !== undefined || this.#stopped.has(a.id))',
    'false',
    'workflow/effect-gate',
    'workflow/interruptions',
  ),
  bug(
    'kill-switch-ignored',
    'kill file and pauses bar nothing',
    GATE,
    'const pause = this.pauses.of(a.application);',
    'const pause = undefined;',
    'workflow/effect-gate',
  ),
  bug(
    'steps-overlap',
    'a duplicated event starts a second step beside the first',
    CONTROLLER,
    'if (running !== undefined) {',
    'if (false) {',
    'workflow/fsm-controller',
  ),
  bug(
    'environment-from-label',
    'an annotation puts a production application into staging',
    'governance/policy-book.js',
    "matched.includes('production') || asked === 'production' ? 'production' : 'staging'",
    "asked ?? (matched.includes('production') ? 'production' : 'staging')",
    'governance/policy-book',
  ),
  bug(
    'retry-after-ignored',
    'an upstream that asks for a pause is asked again at once',
    'workflow/agenda.js',
    'Math.max(askedMs, ',
    '(',
    'workflow/fsm-controller-failures',
    'workflow/retry',
  ),
  {
    name: 'latest-without-candidate',
    meaning: 'without a proven version the newest is taken',
    changes: [
      {
        file: 'stages/3-resolution/candidate-choice.js',
        from: 'const best = judged[at];',
        to: 'const best = judged[at] ?? judged[0];',
      },
      {
        file: 'stages/3-resolution/candidate-choice.js',
        from: 'return best === undefined || basis === undefined',
        to: 'return best === undefined',
      },
    ],
    tests: ['stages/3-resolution/candidate-choice', 'stages/3-resolution/rollback-candidate-resolver'],
  },
  bug(
    'pull-request-left-open',
    'an aborted attempt leaves its pull request behind',
    'workflow/settle.js',
    "return ['pull-request', 'reports'];",
    "return ['reports'];",
    'workflow/settle',
  ),
  bug(
    'post-condition-skipped',
    'nobody looks whether the merged files are those of the candidate',
    'stages/6-verification/health-monitor.js',
    'if (!(await this.#carries(a, app, a.merge.commit, signal))) {',
    'if (false) {',
    'stages/6-verification/health-monitor',
  ),
  bug(
    'base-not-looked-at-again',
    'a change of the base branch between evidence and merge is not looked for',
    MERGE,
    "return (await this.drift.read(a, undefined, signal)).kind === 'unchanged';",
    'return true;',
    'stages/5-merge/merge-controller-merging',
  ),
  bug(
    'ci-of-an-earlier-look',
    'the checks of a head are read once and believed ever after',
    'stages/5-merge/merge-evidence.js',
    "seen('GitHub checks', () => sc.listChecks(repo, headSha, signal))",
    "seen('GitHub checks', async () => (this.kept ??= await sc.listChecks(repo, headSha, signal)))",
    'stages/5-merge/merge-evidence',
  ),
  bug(
    'found-is-done',
    'whatever is found in the place of an effect is written down as the effect',
    GATE,
    "effect.isDone?.(found) === false ? 'not done, what was found bars it' : word",
    'word',
    'workflow/effect-gate',
  ),
  bug(
    'announced-and-forgotten',
    'a closing that a crash interrupted after its announcement has no outcome in the audit log',
    'workflow/closed-pull-request.js',
    "if (own === undefined || (own.pr.state === 'closed' && this.#mayStillArrive(a)))",
    "if (own === undefined || own.pr.state === 'closed')",
    'workflow/aftercare',
  ),
  bug(
    'closed-not-kept',
    'an attempt is gone from the store as soon as it is closed',
    STORE,
    'return this.#put(closed, this.#clock.now() + RETENTION_MS);',
    'return this.#put(closed, this.#clock.now());',
    'adapters/memory/in-memory-state-store',
  ),
  bug(
    'owed-not-noted',
    'the store does not say which closed attempts still owe something',
    STORE,
    'this.#noteOwed(closed);',
    '',
    'adapters/memory/in-memory-state-store',
  ),
  bug(
    'witness-of-before',
    'a stored version names the audit record of the version before it',
    SERVICE,
    'const next = { ...s.next, witness };',
    'const next = { ...s.next, witness: at.value.witness };',
    'workflow/fsm-service',
  ),
];
