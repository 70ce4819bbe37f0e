import { staleBecause } from '../model/freshness.js';
import { currentRun, sameRunning, type HealthCheck } from '../model/health-check.js';
import type { InvariantPolicy } from '../model/policy.js';
import type { InvariantId, Verdict } from '../model/rule-result.js';
import type { AilingWorkload } from './evidence.js';
import { isWorkload } from '../model/application.js';
import { isMergeable } from './mergeable.js';
import { allOf, fails, holds, overFact, type Case, type Judgement, type Rule } from './rule.js';

/** When the reading began, the newest check may be as old as the longest gap between two (semantics 4). */
const MOST_INTERVALS = 2.5;

/**
 * The eight invariants of the architecture (section 7), in the reading of semantics 8: each a pure function of the
 * evidence. All are always evaluated; what is unknown fails.
 */
export const INVARIANTS: readonly Rule<InvariantId>[] = [
  {
    id: 'I1_environment',
    holdsWhen: 'the configuration puts the application in staging, and no production application renders from the diff',
    relaxedBy: 'environments.staging.paths, repositories[].allApplicationsVisible',
    judge: environmentIsStaging,
  },
  {
    id: 'I2_health_degraded',
    holdsWhen:
      'Argo CD says Degraded now, and can be believed, with at least one Degraded workload of this application',
    judge: healthIsDegraded,
  },
  {
    id: 'I3_replica_shortage',
    holdsWhen: 'an unhealthy workload of the application has fewer available replicas than desired',
    relaxedBy: 'invariants.replicaShortage: updated',
    judge: replicasAreShort,
  },
  {
    id: 'I4_persistence',
    holdsWhen: 'the last checks are recent, consecutive, all Degraded, of the same running version',
    judge: degradationPersists,
  },
  {
    id: 'I5_stable_previous',
    holdsWhen: 'the candidate had at least 99 % uptime over 24 h here',
    relaxedBy: 'candidates.minObservation, candidates.allowWithoutCi',
    judge: previousWasStable,
  },
  {
    id: 'I6_ci_success',
    holdsWhen: 'every expected check succeeded on the pinned head and none failed',
    relaxedBy: 'repositories[].ci.allowNoChecks',
    judge: ciSucceeded,
  },
  {
    id: 'I7_no_conflicts',
    holdsWhen: 'no other pull request is open on the same base branch',
    relaxedBy: 'invariants.openPullRequests: paths',
    judge: noConflicts,
  },
  {
    id: 'I8_branch_protection',
    holdsWhen: 'GitHub says the pull request is mergeable, and it is exactly ours',
    judge: isMergeable,
  },
];

function environmentIsStaging(c: Case): Judgement {
  const { evidence: e, attempt } = c;
  const now = e.policyNow?.environment ?? 'unmanaged';
  const environment: Judgement = {
    verdict: attempt.policy.environment === 'staging' && now === 'staging' ? 'pass' : 'fail',
    value: attempt.policy.environment === now ? now : `${attempt.policy.environment} at the start, ${now} now`,
    source: 'configuration',
    readAt: e.pinnedAt,
    reason:
      now === 'staging'
        ? 'the configuration puts it in staging'
        : `only staging is merged by the operator, and this is ${now}: a person approves`,
  };
  return allOf(environment, noProductionInDiff(c));
}
function noProductionInDiff({ evidence: e, attempt }: Case): Judgement {
  const at = { source: 'environments.staging.paths', readAt: e.pinnedAt };
  const outside = e.outsideStagingPaths;
  if (outside?.length === 0) {
    return {
      ...at,
      verdict: 'pass',
      value: 'staging; every changed file lies under environments.staging.paths',
      reason: 'no production application renders from these files',
    };
  }
  if (attempt.policy.repository?.allApplicationsVisible !== true) {
    const which =
      outside === undefined
        ? 'no staging paths are configured'
        : `${outside.slice(0, 3).join(', ')} ${outside.length > 1 ? 'are' : 'is'} not under environments.staging.paths`;
    return {
      ...at,
      verdict: 'unknown',
      value: 'who else renders from the diff is not known',
      reason: `${which}, and the repository is not declared allApplicationsVisible: configure one of the two`,
    };
  }
  return overFact(e.others, (others) => {
    const barring = others.filter((o) => o.environment !== 'staging' || o.relation === 'unknown');
    const names = barring
      .slice(0, 3)
      .map((o) => `${o.application} (${o.relation === 'unknown' ? o.why : o.environment})`);
    return barring.length === 0
      ? holds(
          `staging; ${others.length} other application(s) share files, all in staging`,
          'no production application renders from the diff',
        )
      : fails(
          `the diff reaches ${names.join(', ')}`,
          'an application outside staging, or one that cannot be judged, renders from the changed files: give staging files of its own (environments.staging.paths)',
        );
  });
}

function healthIsDegraded({ evidence: e, attempt, now }: Case): Judgement {
  const judgement = overFact(e.application, (app) => {
    const ailing = app.resources.filter((r) => isWorkload(r) && r.health === 'Degraded');
    if (app.health !== 'Degraded') {
      return fails(app.health, `Argo CD says ${app.health} now: nothing is rolled back unless it says Degraded again`);
    }
    if (ailing.length === 0) {
      return fails(
        'Degraded, no workload',
        `no workload of ${attempt.application} is Degraded, so older files may not mend it: a person must look`,
      );
    }
    return holds(
      `Degraded: ${ailing.map((r) => `${r.kind} ${r.name}`).join(', ')}`,
      'Argo CD says Degraded, and a workload is',
    );
  });
  const stale = e.application.kind === 'known' ? staleBecause(e.application.value, now) : undefined;
  return stale === undefined
    ? judgement
    : {
        ...judgement,
        verdict: 'unknown',
        value: 'stale',
        reason: `Argo CD's word cannot be believed until it compares the application again: ${stale}`,
      };
}

function replicasAreShort({ evidence: e, attempt }: Case): Judgement {
  const wanted = attempt.policy.invariants.replicaShortage;
  return overFact(e.workloads, (ailing) => {
    const seen = ailing.map((w) => replicasOf(w, wanted));
    const value = seen.map((s) => s.text).join(', ') || 'no unhealthy workload';
    if (seen.some((s) => s.verdict === 'pass')) return holds(value, 'fewer replicas are available than desired');
    if (seen.every((s) => s.verdict === 'unknown')) {
      return fails(
        value,
        'no unhealthy workload could be read: the operator needs to read the workloads, through Kubernetes or Argo CD',
      );
    }
    const why =
      wanted === 'available'
        ? 'available is not below desired: a stuck rolling update of few replicas keeps the old pods serving; invariants.replicaShortage: updated counts the new ones'
        : 'the newest revision is not short of replicas, so its pods are not what ails: a person must look';
    return fails(value, why);
  });
}
/** Short of replicas, not short, or not known. A workload whose health is not known is not known to be unhealthy. */
function replicasOf(
  w: AilingWorkload,
  wanted: InvariantPolicy['replicaShortage'],
): { readonly verdict: Verdict; readonly text: string } {
  const name = `${w.kind} ${w.name}`;
  if (w.status.kind === 'unknown') return { verdict: 'unknown', text: `${name} unreadable (${w.status.why})` };
  const s = w.status.value;
  const available = wanted === 'updated' ? s.updatedAvailable : s.available;
  const text = `${name} ${available ?? '?'} of ${s.desired} ${wanted}${s.observed ? '' : ' (not observed yet)'}`;
  if (!s.observed || available === undefined || w.health.toLowerCase() === 'unknown') {
    return { verdict: 'unknown', text };
  }
  return { verdict: w.health !== 'Healthy' && available < s.desired ? 'pass' : 'fail', text };
}

function degradationPersists({ evidence: e, attempt, now }: Case): Judgement {
  const need = attempt.policy.timing.DEGRADATION_PERSISTENCE_CHECKS;
  // Stalled progress is a reason to propose; only Argo CD's own word counts here.
  const ownWord = e.checks.map(
    (check): HealthCheck => (check.stalled === undefined ? check : { ...check, health: 'Unknown' }),
  );
  const run = currentRun(ownWord, 'Degraded').slice(-need);
  const [first] = run;
  const last = run.at(-1);
  const same = first !== undefined && run.every((check) => sameRunning(first, check));
  const bad =
    first?.running?.settings === attempt.bad.settings &&
    first.running.revisions.join() === attempt.bad.revisions.join();
  // A watch that stopped an hour ago says nothing about now. How long the other evidence took to read is not its fault.
  const age = last === undefined ? 0 : e.pinnedAt - last.at;
  // One from the future was stored before the clock was set back.
  const recent = last !== undefined && age <= MOST_INTERVALS * last.intervalMs && last.at <= now;
  const holds = run.length >= need && same && bad && recent;
  const flaw =
    !same || bad
      ? recent || last === undefined
        ? ''
        : `, the newest ${Math.round(age / 1000)} s old`
      : ' of another version';
  return {
    verdict: holds ? 'pass' : 'fail',
    value: `${run.length} of ${need} consecutive Degraded checks${flaw}`,
    source: 'stored health checks',
    readAt: e.checks.at(-1)?.at ?? e.pinnedAt,
    reason: holds
      ? `Degraded on ${need} consecutive checks`
      : `${need} new consecutive Degraded checks of the bad version are needed: they come by themselves while it stays Degraded`,
  };
}

function previousWasStable({ attempt, evidence: e }: Case): Judgement {
  const { candidate, policy } = attempt;
  const { uptime } = candidate;
  const measured =
    uptime.kind === 'measured'
      ? `${(Math.floor(uptime.ratio * 10_000) / 100).toFixed(2)} % over ${Math.floor(uptime.observedMs / 3_600_000)} h`
      : 'no metrics';
  const at = { source: 'Prometheus', readAt: e.pinnedAt, value: `${measured}, CI ${candidate.ci}` };
  const fail = (reason: string): Judgement => ({ ...at, verdict: 'fail', reason });
  if (candidate.basis === 'ci') {
    return fail('chosen by CI alone, without metrics: good enough to propose; a person approves');
  }
  if (uptime.kind !== 'measured' || !(uptime.ratio >= 0.99)) {
    return fail('not known to have had 99 % uptime here: a person approves');
  }
  if (candidate.basis === 'insufficient-soak' || !(uptime.observedMs >= policy.candidates.minObservationMs)) {
    return fail(
      'it ran here for a shorter time than candidates.minObservation asks for: a person approves, or that key is lowered',
    );
  }
  if (candidate.ci !== 'success' && !(candidate.ci === 'none' && policy.candidates.allowWithoutCi)) {
    return {
      ...at,
      verdict: candidate.ci === 'unknown' ? 'unknown' : 'fail',
      reason: `its own CI is no success (${candidate.ci}): a person approves; candidates.allowWithoutCi accepts a version without any check`,
    };
  }
  return { ...at, verdict: 'pass', reason: 'at least 99 % uptime while it was deployed here' };
}

function ciSucceeded({ evidence: e }: Case): Judgement {
  return overFact(e.ci, (ci) => {
    switch (ci.kind) {
      case 'success':
        return holds(ci.checks.join(', ') || 'no checks (allowed)', `success on the pinned head (${ci.basis})`);
      case 'failed':
        return fails(
          ci.failed.join(', '),
          'a check failed on the pinned head: mend it, then `ai-operator retry`, or merge by hand',
        );
      case 'pending':
        return fails(
          `waiting for ${ci.waitingFor.join(', ')}`,
          'not every expected check has succeeded yet: they are waited for',
        );
      case 'none':
        return fails(
          'no check at all',
          'nothing is expected and nothing ran, which is no success: let CI run on pull requests, or set repositories[].ci.allowNoChecks',
        );
    }
  });
}

function noConflicts({ evidence: e, attempt }: Case): Judgement {
  const scope = attempt.policy.invariants.openPullRequests;
  return overFact(e.openPullRequests, (others) => {
    const barring = others.filter((o) => (o.ours || scope === 'paths' ? o.meetsOurFiles !== false : true));
    const list = barring
      .slice(0, 5)
      .map((o) => `#${o.number}`)
      .join(', ');
    return barring.length === 0
      ? holds(
          `${others.length} other open, none in the way`,
          scope === 'paths'
            ? 'no open pull request changes these files'
            : 'no other pull request is open on the branch',
        )
      : fails(
          list,
          scope === 'paths'
            ? 'another open pull request changes these files: merge or close it'
            : 'another pull request is open on the same base branch: merge or close it; invariants.openPullRequests: paths counts only those that touch these files',
        );
  });
}
