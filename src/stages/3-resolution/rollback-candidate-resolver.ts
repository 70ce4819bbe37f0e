import type { Clock } from '../../base/clock.js';
import { asOperatorError } from '../../base/errors.js';
import { contentOf, type ClosureReader } from '../../gitops/closure-reader.js';
import { refuse, type Refusal } from '../../gitops/refusal.js';
import { singleGitSource } from '../../gitops/closure.js';
import { parseCommitMessage } from '../../gitops/commit-message.js';
import { settingsHash } from '../../gitops/content.js';
import { isInCluster, isWorkload, type ApplicationSnapshot, type EpochMs } from '../../model/application.js';
import { carries, isReadable, RESTORATION_BAR_MS, type ApplicationMark, type Latch } from '../../model/mark.js';
import type { Outcome, Stage } from '../../model/outcome.js';
import type { DegradationDetected, RollbackTarget } from '../../model/rollback-attempt.js';
import type { PodTrouble } from '../../model/workload.js';
import type { ArgoCd } from '../../ports/argocd.js';
import type { Kubernetes } from '../../ports/kubernetes.js';
import type { RepositoryId, SourceControl } from '../../ports/source-control.js';
import type { StateStore } from '../../ports/state-store.js';
import { chooseCandidate, type Choice } from './candidate-choice.js';
import type { CandidateSurvey } from './candidate-survey.js';
import { deploymentsOf } from './deployments.js';
import { targetOf } from './rollback-target.js';

type Answer = Outcome<'DegradationDetected'>;
type Resolving = DegradationDetected & { readonly step: { readonly name: 'resolving' } };
const isAnswer = (v: object): v is Answer => 'kind' in v;
const refused = (r: Refusal): Answer => ({
  kind: 'abort',
  reason: `refused(${r.code})`,
  why: `${r.detail}. To do: ${r.mend}`,
});

/** Module 3: the last version that was good *here* (semantics 5). At most CANDIDATE_SEARCH_TIMEOUT. */
export class RollbackCandidateResolver implements Stage<DegradationDetected> {
  constructor(
    private readonly clock: Clock,
    private readonly argocd: Pick<ArgoCd, 'getApplicationHealth'>,
    private readonly kubernetes: Pick<Kubernetes, 'listPods'> | undefined,
    private readonly sourceControl: Pick<
      SourceControl,
      'getRepository' | 'findBranchHead' | 'isAncestor' | 'getCommit' | 'self'
    >,
    private readonly store: Pick<StateStore, 'marks' | 'ledger'>,
    private readonly closures: ClosureReader,
    private readonly survey: CandidateSurvey,
  ) {}

  async handle(attempt: DegradationDetected, signal: AbortSignal): Promise<Answer> {
    if (attempt.step.name !== 'resolving')
      return { kind: 'wait', lookAgainAt: attempt.step.deadline, why: 'not confirmed yet' };
    const app = await this.argocd.getApplicationHealth(attempt.application, attempt.project, signal);
    if (app.deployed === undefined) {
      const why = 'Argo CD does not say any more which revision is deployed';
      return { kind: 'wait', lookAgainAt: this.clock.now() + attempt.policy.timing.HEALTH_CHECK_INTERVAL, why };
    }
    // Nothing was tried and nobody was told, so no latch may silence this version should it come back.
    if (!carriesBadVersion(attempt, app.deployed))
      return { kind: 'dismiss', why: 'another version was deployed meanwhile' };
    return this.#resolve(attempt as Resolving, app, signal);
  }

  async #resolve(attempt: Resolving, app: ApplicationSnapshot, signal: AbortSignal): Promise<Answer> {
    const single = singleGitSource(app);
    if (settingsHash(app.sources) !== attempt.bad.settings) {
      return refused(refuse('settings-changed', "the Application's source settings were changed and not synced since"));
    }
    if (single.kind === 'refusal') return refused(single);
    const target = await targetOf(this.sourceControl, attempt.policy.repository, single.source, signal);
    if ('rule' in target) return refused(target);
    const bad = await this.#badContent(attempt, app, target, signal);
    if (isAnswer(bad)) return bad;
    const stored = await this.store.marks(attempt.application, this.clock.now());
    const now = this.clock.now();
    const marks = stored.filter(isReadable);
    // What it bars is not known, so it may be this content.
    const unread = stored.find((m) => m.kind === 'unreadable');
    if (unread !== undefined) return { kind: 'dismiss', why: unread.why };
    const known =
      knownContent(attempt, bad.content, marks, now) ?? (await this.#restoredByTrailer(attempt, target, now, signal));
    if (known !== undefined) return known;
    const ledger = await this.store.ledger(attempt.application);
    const contents = await this.survey.survey(
      {
        repo: repoOf(target),
        app,
        branchHead: bad.head,
        badContent: bad.content,
        deployments: deploymentsOf(app, ledger, attempt.onset),
        marks,
      },
      signal,
    );
    const choice = chooseCandidate(contents, attempt.policy.candidates);
    if (choice.chosen === undefined) return noCandidate(choice);
    return this.#advance(attempt, app, target, bad.content, { ...choice, chosen: choice.chosen }, marks, signal);
  }

  /** The store may have forgotten a rollback that git remembers: the deployed commit, or what it merged, carries our trailer. */
  async #restoredByTrailer(
    attempt: Resolving,
    target: RollbackTarget,
    now: EpochMs,
    signal: AbortSignal,
  ): Promise<Answer | undefined> {
    const repo = repoOf(target);
    const [deployed, self] = await Promise.all([
      this.sourceControl.getCommit(repo, attempt.bad.revisions[0] ?? '', signal),
      this.sourceControl.self(signal),
    ]);
    const merged =
      deployed.parents[1] === undefined
        ? undefined
        : await this.sourceControl.getCommit(repo, deployed.parents[1], signal);
    const ours = [merged, deployed].find(
      (c) => c?.authorLogin === self.login && parseCommitMessage(c.message) !== undefined,
    );
    if (ours === undefined || now - deployed.committedAt >= RESTORATION_BAR_MS) return undefined;
    return {
      kind: 'dismiss',
      why: `commit ${deployed.sha.slice(0, 10)} is a rollback of this operator: a rollback is never rolled back by itself`,
      notice: 'rollback-of-rollback',
    };
  }

  async #badContent(
    attempt: Resolving,
    app: ApplicationSnapshot,
    target: RollbackTarget,
    signal: AbortSignal,
  ): Promise<{ readonly content: string; readonly head: string } | Answer> {
    const [revision] = attempt.bad.revisions;
    const head = await this.sourceControl.findBranchHead(repoOf(target), target.branch, signal);
    if (revision === undefined || head === undefined)
      return refused(refuse('pinned-revision', `${target.branch} is no branch`));
    if (!(await this.sourceControl.isAncestor(repoOf(target), revision, head, signal))) {
      return refused(refuse('not-an-ancestor', `${revision.slice(0, 10)} is not part of ${target.branch}`));
    }
    const { closure } = await this.closures.read(repoOf(target), app, revision, signal);
    if (closure.kind === 'refusal') return refused(closure);
    const content = contentOf(closure, app.sources);
    return content === undefined
      ? refused(refuse('closure-not-computable', 'the application has no source'))
      : { content, head };
  }

  async #advance(
    attempt: Resolving,
    app: ApplicationSnapshot,
    target: RollbackTarget,
    badContent: string,
    { chosen, table }: Required<Choice>,
    marks: readonly ApplicationMark[],
    signal: AbortSignal,
  ): Promise<Answer> {
    const { content, revision, basis, uptime, ci, deployedAt, stoppedAt, passedOver } = chosen;
    const quarantined = marks.some((m) => m.kind === 'quarantine' && carries(m, attempt.bad.revisions, badContent));
    return {
      kind: 'advance',
      to: 'CandidateResolved',
      why: `${revision.slice(0, 10)} by ${basis}, ${table.length} version(s) looked at`,
      with: {
        confirmation: attempt.step.confirmation,
        badContent,
        target,
        candidate: { content, revision, basis, uptime, ci, deployedAt, stoppedAt, passedOver },
        table,
        proposeOnly: [
          ...(quarantined ? ['quarantined: this bad version was rolled back before and came back'] : []),
          ...(marks.some((m) => m.kind === 'restoration' && m.content === badContent)
            ? ['restored-before: a rollback put this version here earlier']
            : []),
        ],
        diagnosis: await this.#diagnose(app, signal),
        step: { name: 'planning' },
      },
    };
  }
  /** For people only: what cannot be read is left out. */
  async #diagnose(app: ApplicationSnapshot, signal: AbortSignal): Promise<readonly PodTrouble[]> {
    const ailing = app.resources.filter((r) => isWorkload(r) && r.health !== 'Healthy').slice(0, 3);
    const { kubernetes } = this;
    if (kubernetes === undefined || !isInCluster(app)) return [];
    const read = await Promise.all(
      ailing.map(async (r) => {
        try {
          return await kubernetes.listPods(r, signal);
        } catch (error) {
          if (asOperatorError(error).category === 'cancelled') throw error;
          return [];
        }
      }),
    );
    return read.flat().slice(0, 10);
  }
}

const repoOf = (t: RollbackTarget): RepositoryId => ({ owner: t.owner, name: t.repository });

const carriesBadVersion = (
  { bad }: DegradationDetected,
  deployed: NonNullable<ApplicationSnapshot['deployed']>,
): boolean => deployed.revisions.join() === bad.revisions.join() && settingsHash(deployed.sources) === bad.settings;

/** Content that was dealt with under another commit id: latched, or put here by a rollback of this operator. */
function knownContent(
  attempt: DegradationDetected,
  content: string,
  marks: readonly ApplicationMark[],
  now: EpochMs,
): Answer | undefined {
  const revisions = attempt.bad.revisions;
  const extended = <M extends ApplicationMark>(m: M): M => ({
    ...m,
    revisions: [...new Set([...m.revisions, ...revisions])],
  });
  // A retry is allowed by every latch whose time has come, not by that of the newest attempt alone.
  const allows = (m: Latch): boolean =>
    attempt.retryOf !== undefined && (m.attempt === attempt.retryOf || (m.retryAt !== undefined && m.retryAt <= now));
  const latch = marks.find(
    (m) =>
      m.kind === 'latch' &&
      m.content === content &&
      !allows(m) &&
      !(m.reason === 'observed' && attempt.policy.mode !== 'observe'),
  );
  if (latch?.kind === 'latch')
    return {
      kind: 'dismiss',
      why: `already tried: ${latch.reason} (attempt ${latch.attempt})`,
      remember: extended(latch),
    };
  const restored = marks.find((m) => m.kind === 'restoration' && m.content === content);
  if (restored === undefined || now - restored.at >= RESTORATION_BAR_MS) return undefined;
  return {
    kind: 'dismiss',
    why: `attempt ${restored.attempt} put this version here: a rollback is never rolled back by itself`,
    remember: extended(restored),
    notice: 'rollback-of-rollback',
  };
}

function noCandidate({ table }: Choice): Answer {
  const rows = table.map(
    (r) =>
      `${r.revision.slice(0, 10)}: ${r.verdict.kind === 'rejected' ? `${r.verdict.because} (${r.verdict.detail})` : r.verdict.kind}`,
  );
  return {
    kind: 'abort',
    reason: 'no-candidate',
    why: rows.length === 0 ? 'no other version is known to have run here' : rows.join('; '),
  };
}
