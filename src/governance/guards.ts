import type { ApplicationSnapshot } from '../model/application.js';
import type { GuardId } from '../model/rule-result.js';
import { withinBudget } from './budget.js';
import { isFrozen } from './freeze.js';
import { allOf, fails, holds, overFact, type Case, type Judgement, type Rule } from './rule.js';

/** The label that keeps the operator from merging a pull request. */
export const HOLD_LABEL = 'ai-operator:hold';
const IMAGE_UPDATER = 'argocd-image-updater.argoproj.io/';
/** Clocks of different machines: an onset this much before the deployment still counts as after it. */
const CLOCK_TOLERANCE_MS = 10_000;

/** The eight guards of semantics 8: they can only forbid. Each a pure function of the same evidence. */
export const GUARDS: readonly Rule<GuardId>[] = [
  {
    id: 'G1_change_induced',
    holdsWhen: 'the application degraded soon after the bad version was deployed',
    relaxedBy: 'guards.changeWindow',
    judge: changeInduced,
  },
  {
    id: 'G2_scope',
    holdsWhen: 'the diff changes this application only, as proved by rendering, and does not jump far back',
    relaxedBy: 'guards.maxCandidateAge, guards.maxPassedOver, guards.maxDroppedCommits',
    judge: staysInScope,
  },
  {
    id: 'G3_reversible',
    holdsWhen: 'no custom resource definition, job, hook, volume claim or stateful set changes',
    judge: isReversible,
  },
  { id: 'G4_will_sync', holdsWhen: 'Argo CD will deploy the merge by itself', judge: willSync },
  {
    id: 'G5_budget',
    holdsWhen: 'no budget of automatic rollbacks is used up',
    relaxedBy: 'guards.perApplication, guards.fleet',
    judge: withinBudget,
  },
  {
    id: 'G6_not_frozen',
    holdsWhen: 'no freeze window is open and nobody holds the pull request',
    relaxedBy: 'guards.freeze',
    judge: notFrozen,
  },
  {
    id: 'G7_not_superseded',
    holdsWhen: "the application's files on the branch are still those of the bad version",
    judge: notSuperseded,
  },
  { id: 'G8_no_reapply', holdsWhen: 'no bot would put the bad version back', judge: nobodyReapplies },
];

function changeInduced({ attempt, evidence: e }: Case): Judgement {
  const at = { source: 'Argo CD history', readAt: e.pinnedAt };
  const { deployedAt } = attempt.bad;
  if (deployedAt === undefined) {
    return {
      ...at,
      verdict: 'unknown',
      value: 'unknown',
      reason:
        'Argo CD does not say when the bad version was deployed, so it may have run well before: a person approves',
    };
  }
  const after = attempt.onset - deployedAt;
  const holds = after >= -CLOCK_TOLERANCE_MS && after <= attempt.policy.guards.changeWindowMs;
  return {
    ...at,
    verdict: holds ? 'pass' : 'fail',
    value: `Degraded ${Math.round(after / 1000)} s after the deployment`,
    reason: holds
      ? 'it degraded after this change'
      : 'it did not degrade within guards.changeWindow after the change, so perhaps the change is not the cause: a person approves',
  };
}

function staysInScope(c: Case): Judgement {
  const { attempt, evidence: e } = c;
  const { plan } = attempt.pullRequest;
  const { guards } = attempt.policy;
  const age = attempt.onset - attempt.candidate.stoppedAt;
  const far = [
    age > guards.maxCandidateAgeMs ? `the candidate stopped running ${Math.floor(age / 86_400_000)} days before` : '',
    attempt.candidate.passedOver > guards.maxPassedOver
      ? `${attempt.candidate.passedOver} newer versions are passed over`
      : '',
    plan.droppedCommits > guards.maxDroppedCommits ? `${plan.droppedCommits} commits are dropped` : '',
    ...plan.files.filter((f) => /(?:^|\/)(?:\.github\/|CODEOWNERS$)/.test(f.path)).map((f) => `${f.path} is protected`),
  ].filter((f) => f !== '');
  const jump: Judgement = {
    verdict: far.length === 0 ? 'pass' : 'fail',
    value: far.join('; ') || `${plan.files.length} file(s), ${plan.droppedCommits} commit(s) dropped`,
    source: 'git',
    readAt: plan.plannedAt,
    reason:
      far.length === 0
        ? 'a small step back'
        : 'a far jump, or one over protected files, is left to people: a person approves',
  };
  const self = overFact(e.rendered, (r) => ({
    holds: r.equalsCandidate,
    value: r.equalsCandidate ? 'renders as the candidate' : 'renders differently from the candidate',
    reason: r.equalsCandidate
      ? 'Argo CD renders the pull request exactly as the candidate'
      : 'Argo CD renders something else than the candidate from the pull request: a person compares the two',
  }));
  return allOf(jump, othersStayAsTheyAre(c), self);
}
function othersStayAsTheyAre({ evidence: e }: Case): Judgement {
  const unproved = e.others.kind === 'known' ? e.others.value.filter((o) => o.rendersEqual !== true) : [];
  const judgement = overFact(e.others, () => ({
    holds: unproved.length === 0,
    value:
      unproved
        .slice(0, 3)
        .map((o) => `${o.application}: ${o.rendersEqual === undefined ? o.why : 'changes'}`)
        .join(', ') || 'no other application changes',
    reason:
      unproved.length === 0
        ? 'nothing else renders differently'
        : 'another application would change, or may: a person approves for both',
  }));
  const changes = unproved.some((o) => o.rendersEqual === false);
  return judgement.verdict === 'fail' && !changes ? { ...judgement, verdict: 'unknown' } : judgement;
}

function isReversible({ evidence: e }: Case): Judgement {
  return overFact(e.rendered, (r) => {
    const barring = r.changes.filter((o) => o.bars !== undefined);
    return barring.length === 0
      ? holds(`${r.changes.length} object(s) change`, 'all of them can be changed back and forth')
      : fails(
          barring
            .slice(0, 3)
            .map((o) => `${o.kind} ${o.name} ${o.change}`)
            .join(', '),
          `${barring[0]?.bars ?? ''}: a person judges whether it may change back`,
        );
  });
}

function willSync(c: Case): Judgement {
  const { evidence: e, attempt } = c;
  const removes = e.rendered.kind === 'known' && e.rendered.value.changes.some((o) => o.change === 'removed');
  const app = overFact(e.application, (a) => {
    const blockers = [
      a.automated.enabled ? '' : 'automated sync is off: turn it on, or sync by hand after the merge',
      a.operationRunning
        ? `an operation is running (${a.operation?.phase ?? 'requested'}): it must end, or be ended with argocd app terminate-op`
        : '',
      followsTarget(a, attempt.target.branch)
        ? ''
        : `the Application does not follow ${attempt.target.branch} any more: set its targetRevision back`,
      removes && !a.automated.prune
        ? 'objects must be pruned and automated pruning is off: turn it on, or prune by hand after the merge'
        : '',
    ].filter((b) => b !== '');
    return {
      holds: blockers.length === 0,
      value: blockers.map((b) => b.split(':')[0]).join('; ') || 'automated sync',
      reason: blockers.join('; ') || 'Argo CD will deploy the merge',
    };
  });
  const window = overFact(e.sync, (s) => ({
    holds: s.windowOpen,
    value: s.windows,
    reason: s.windowOpen
      ? 'no sync window forbids it'
      : 'a sync window forbids automated syncs now: it is looked at again until the window opens',
  }));
  const mayPrune = e.application.kind === 'known' && e.application.value.automated.prune;
  // With pruning on, it does not matter what must be pruned.
  return mayPrune
    ? allOf(window, app)
    : allOf(
        overFact(e.rendered, () => holds('rendered', 'what must be pruned is known')),
        window,
        app,
      );
}
/** `HEAD` and nothing stand for the default branch, which is what the target was resolved from then. */
const followsTarget = (a: ApplicationSnapshot, branch: string): boolean => {
  const revision = (a.sources[0]?.targetRevision ?? '').trim();
  return a.sources.length === 1 && (revision === '' || revision === 'HEAD' || revision === branch);
};

function notFrozen({ attempt, evidence: e, now }: Case): Judgement {
  const open = attempt.policy.guards.freeze.find((w) => isFrozen(w, now));
  const freeze: Judgement = {
    verdict: open === undefined ? 'pass' : 'fail',
    value: open === undefined ? 'no freeze' : `freeze "${open.name}"`,
    source: 'configuration',
    readAt: now,
    reason:
      open === undefined
        ? 'no freeze window is open'
        : `the freeze window "${open.name}" is open: nothing is merged until it closes`,
  };
  const label = overFact(e.pullRequest, (pr) => {
    const held = pr.labels.includes(HOLD_LABEL);
    return {
      holds: !held,
      value: held ? `label ${HOLD_LABEL}` : 'no freeze, no hold',
      reason: held
        ? `somebody put the label ${HOLD_LABEL} on the pull request; take it off to go on`
        : 'nobody holds the pull request',
    };
  });
  return allOf(freeze, label);
}

function notSuperseded({ evidence: e, attempt }: Case): Judgement {
  const branch = overFact(e.baseUnchanged, (same) => ({
    holds: same,
    value: same ? 'unchanged since the bad version' : 'changed since the bad version',
    reason: same
      ? 'no later change would be undone'
      : "the application's files changed on the branch after the bad version: let that change be deployed, or roll back by hand",
  }));
  const running = e.checks.at(-1)?.running;
  const otherSettings = running !== undefined && running.settings !== attempt.bad.settings;
  const deployed = overFact(e.application, (a) => {
    const same = a.deployed?.revisions.join() === attempt.bad.revisions.join() && !otherSettings;
    return {
      holds: same,
      value: same ? 'the bad version is deployed' : 'another version is deployed',
      reason: same
        ? 'no later change would be undone'
        : 'another version was deployed meanwhile: the operator judges that one anew',
    };
  });
  return allOf(branch, deployed);
}

function nobodyReapplies({ evidence: e, attempt }: Case): Judgement {
  const override = attempt.pullRequest.plan.files.find((f) => /(?:^|\/)\.argocd-source[^/]*\.yaml$/.test(f.path));
  return overFact(e.application, (a) => {
    const updater = Object.keys(a.annotations).find((k) => k.startsWith(IMAGE_UPDATER));
    if (updater !== undefined) {
      return fails(
        updater,
        'the image updater would put the bad version back: pin the image there first, then take the annotation off',
      );
    }
    if (override !== undefined) {
      return fails(
        override.path,
        'a parameter override written by a bot changes, and the bot may write it again: stop the bot, then a person merges',
      );
    }
    return holds('no image updater', 'nothing is known that would put the bad version back');
  });
}
