import { currentRun, sameRunning } from '../model/health-check.js';
import type { InvariantId } from '../model/rule-result.js';
import { isWorkload } from '../model/application.js';
import { allOf, overFact, type Case, type Judgement, type Rule } from './rule.js';

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
    holdsWhen: 'Argo CD says Degraded now, with at least one Degraded workload of this application',
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
    holdsWhen: 'the last checks are consecutive, all Degraded, of the same running version',
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
    reason: now === 'staging' ? 'the configuration puts it in staging' : `only staging is merged by the operator; this is ${now}`,
  };
  return allOf(environment, noProductionInDiff(c));
}
function noProductionInDiff({ evidence: e, attempt }: Case): Judgement {
  const at = { source: 'environments.staging.paths', readAt: e.pinnedAt };
  const outside = e.outsideStagingPaths;
  if (outside?.length === 0) {
    return { ...at, verdict: 'pass', value: 'staging; every changed file lies under environments.staging.paths', reason: 'no production application renders from these files' };
  }
  if (attempt.policy.repository?.allApplicationsVisible !== true) {
    const which = outside === undefined ? 'no staging paths are configured' : `${outside.slice(0, 3).join(', ')} ${outside.length > 1 ? 'are' : 'is'} not under environments.staging.paths`;
    return { ...at, verdict: 'unknown', value: 'who else renders from the diff is not known', reason: `${which}, and the repository is not declared allApplicationsVisible` };
  }
  return overFact(e.others, (others) => {
    const barring = others.filter((o) => o.environment !== 'staging' || o.relation === 'unknown');
    const names = barring.slice(0, 3).map((o) => `${o.application} (${o.relation === 'unknown' ? o.why : o.environment})`);
    return barring.length === 0
      ? { holds: true, value: `staging; ${others.length} other application(s) share files, all in staging`, reason: 'no production application renders from the diff' }
      : { holds: false, value: `the diff reaches ${names.join(', ')}`, reason: 'an application outside staging, or one that cannot be judged, renders from the changed files' };
  });
}

function healthIsDegraded({ evidence: e, attempt }: Case): Judgement {
  return overFact(e.application, (app) => {
    const ailing = app.resources.filter((r) => isWorkload(r) && r.health === 'Degraded');
    if (app.health !== 'Degraded') return { holds: false, value: app.health, reason: 'Argo CD does not say Degraded now' };
    const last = e.checks.at(-1);
    if (last?.health !== 'Degraded') {
      return { holds: false, value: last === undefined ? 'no check' : `last check ${last.health}`, reason: last?.unknownBecause ?? 'the newest check does not say Degraded' };
    }
    if (ailing.length === 0) return { holds: false, value: 'Degraded, no workload', reason: `no workload of ${attempt.application} is Degraded: a rollback would not mend it` };
    return { holds: true, value: `Degraded: ${ailing.map((r) => `${r.kind} ${r.name}`).join(', ')}`, reason: 'Argo CD says Degraded, and a workload is' };
  });
}

function replicasAreShort({ evidence: e, attempt }: Case): Judgement {
  const wanted = attempt.policy.invariants.replicaShortage;
  return overFact(e.workloads, (ailing) => {
    const seen = ailing.map((w) => {
      if (w.status.kind === 'unknown') return { short: false, text: `${w.kind} ${w.name} unreadable (${w.status.why})` };
      const s = w.status.value;
      const available = wanted === 'updated' ? s.updatedAvailable : s.available;
      const short = s.observed && s.desired > 0 && available !== undefined && available < s.desired;
      return { short, text: `${w.kind} ${w.name} ${available ?? '?'} of ${s.desired} ${wanted}${s.observed ? '' : ' (not observed yet)'}` };
    });
    const value = seen.map((s) => s.text).join(', ') || 'no unhealthy workload could be read';
    if (seen.some((s) => s.short)) return { holds: true, value, reason: 'fewer replicas are available than desired' };
    const why =
      wanted === 'available'
        ? 'available is not below desired: a stuck rolling update of few replicas keeps the old pods serving; invariants.replicaShortage: updated counts the new ones'
        : 'the newest revision is not short of replicas';
    return { holds: false, value, reason: seen.length === 0 ? 'no unhealthy workload could be read' : why };
  });
}

function degradationPersists({ evidence: e, attempt }: Case): Judgement {
  const need = attempt.policy.timing.DEGRADATION_PERSISTENCE_CHECKS;
  const run = currentRun(e.checks, 'Degraded').slice(-need);
  const first = run[0];
  const same = first !== undefined && run.every((check) => sameRunning(first, check));
  const bad = first?.running?.settings === attempt.bad.settings && first.running.revisions.join() === attempt.bad.revisions.join();
  const holds = run.length >= need && same && bad;
  return {
    verdict: holds ? 'pass' : 'fail',
    value: `${run.length} of ${need} consecutive Degraded checks${same && !bad ? ' of another version' : ''}`,
    source: 'stored health checks',
    readAt: e.checks.at(-1)?.at ?? e.pinnedAt,
    reason: holds ? `Degraded on ${need} consecutive checks` : `${need} new consecutive Degraded checks of the same version are needed`,
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
  if (candidate.basis === 'ci') return { ...at, verdict: 'fail', reason: 'chosen by CI alone, without metrics: good enough to propose, not to merge' };
  if (candidate.basis === 'insufficient-soak') return { ...at, verdict: 'fail', reason: 'observed for a shorter time than candidates.minObservation asks for' };
  if (uptime.kind !== 'measured' || !(uptime.ratio >= 0.99)) return { ...at, verdict: 'fail', reason: 'less than 99 % uptime' };
  if (candidate.ci !== 'success' && !(candidate.ci === 'none' && policy.candidates.allowWithoutCi)) {
    return { ...at, verdict: candidate.ci === 'unknown' ? 'unknown' : 'fail', reason: `the candidate has no CI success (${candidate.ci}); candidates.allowWithoutCi accepts one without any check` };
  }
  return { ...at, verdict: 'pass', reason: 'at least 99 % uptime while it was deployed here' };
}

function ciSucceeded({ evidence: e }: Case): Judgement {
  return overFact(e.ci, (ci) => {
    switch (ci.kind) {
      case 'success':
        return { holds: true, value: ci.checks.join(', ') || 'no checks (allowed)', reason: `success on the pinned head (${ci.basis})` };
      case 'failed':
        return { holds: false, value: ci.failed.join(', '), reason: 'a check failed on the pinned head' };
      case 'pending':
        return { holds: false, value: `waiting for ${ci.waitingFor.join(', ')}`, reason: 'not every expected check has succeeded yet' };
      case 'none':
        return { holds: false, value: 'no check at all', reason: 'nothing is expected and nothing ran: that is no success' };
    }
  });
}

function noConflicts({ evidence: e, attempt }: Case): Judgement {
  const scope = attempt.policy.invariants.openPullRequests;
  return overFact(e.openPullRequests, (others) => {
    const barring = others.filter((o) => (o.ours || scope === 'paths' ? o.meetsOurFiles !== false : true));
    const list = barring.slice(0, 5).map((o) => `#${o.number}`).join(', ');
    return barring.length === 0
      ? { holds: true, value: `${others.length} other open, none in the way`, reason: scope === 'paths' ? 'no open pull request changes these files' : 'no other pull request is open on the branch' }
      : { holds: false, value: list, reason: scope === 'paths' ? 'another open pull request changes these files' : 'another pull request is open on the same base branch' };
  });
}

function isMergeable(c: Case): Judgement {
  const { evidence: e, attempt } = c;
  const mergeable = overFact(e.pullRequest, (pr) => {
    const faults = [
      pr.merged || pr.state !== 'open' ? 'it is not open' : '',
      pr.draft ? 'it is a draft' : '',
      pr.locked ? 'its conversation is locked' : '',
      pr.sameRepository ? '' : 'its head is in another repository',
      pr.headSha === e.headSha ? '' : 'its head moved',
      pr.commits === 1 ? '' : `it has ${pr.commits} commits`,
      pr.autoMerge ? 'somebody armed auto-merge' : '',
      pr.mergeable === true ? '' : pr.mergeable === null ? 'GitHub is still computing whether it can be merged' : 'it conflicts with its base',
      stateIsClean(pr.mergeableState, e) ? '' : `GitHub calls it ${pr.mergeableState}`,
    ].filter((f) => f !== '');
    return { holds: faults.length === 0, value: `${pr.state}, ${pr.mergeableState}`, reason: faults.join('; ') || 'open, one commit of ours, mergeable' };
  });
  const own = overFact(e.ownCommit, (o) => ({
    holds: o.byUs && o.treeAsPlanned,
    value: o.byUs ? (o.treeAsPlanned ? 'our commit' : 'another tree than planned') : 'not our commit',
    reason: o.byUs && o.treeAsPlanned ? 'the head is the commit the operator made' : 'the head is not the commit the operator made',
  }));
  const rules = overFact(e.rules, (r) => ({
    holds: !r.mergeQueue,
    value: r.mergeQueue ? 'merge queue' : 'no merge queue',
    reason: r.mergeQueue ? 'the branch is merged through a merge queue only' : 'the branch can be merged directly',
  }));
  const method = overFact(e.mergeMethod, (m) => ({ holds: true, value: m, reason: `merge method ${m}` }));
  const restores = overFact(e.mergeRestores, (same) => ({
    holds: same,
    value: same ? 'the test merge equals the candidate' : 'the test merge differs from the candidate',
    reason: same ? 'merging restores exactly the candidate\'s files' : `merging would not give ${attempt.application} the candidate's files`,
  }));
  return allOf(own, rules, method, restores, mergeable);
}
/** `unstable` = a check that is not required is failing or pending: fine only when I6 passed on required ones. */
function stateIsClean(state: string, e: Case['evidence']): boolean {
  if (state === 'clean' || state === 'has_hooks') return true;
  return state === 'unstable' && e.ci.kind === 'known' && e.ci.value.kind === 'success' && e.ci.value.basis === 'required';
}
