import type { Clock } from '../../base/clock.js';
import type { Refusal } from '../../gitops/refusal.js';
import { refusalConsequence } from '../../gitops/refusal.js';
import type { AbortReason } from '../../model/abort-reason.js';
import type { AttemptView } from '../../model/attempt-view.js';
import { viewOf } from '../../model/attempt-view.js';
import type { Effects } from '../../model/effect.js';
import type { Outcome, Stage } from '../../model/outcome.js';
import { refusedOpening } from '../../model/refused-opening.js';
import type { CandidateResolved, Merge, ProposePlan } from '../../model/rollback-attempt.js';
import type { FoundProposal, ProposalText, RollbackProposal } from './rollback-proposal.js';
import type { RestorePlanner } from './restore-planner.js';
import type { Siblings } from './siblings.js';

type Answer = Outcome<'CandidateResolved'>;
/** Title and body of a pull request, rendered from the view. */
export type RenderProposal = (view: AttemptView) => ProposalText;

/** Module 4: the rollback pull request (semantics 6, 7): plans, looks for siblings, records the intent, opens or adopts. */
export class PRGenerator implements Stage<CandidateResolved> {
  constructor(
    private readonly clock: Clock,
    private readonly planner: RestorePlanner,
    private readonly siblings: Siblings,
    private readonly proposal: RollbackProposal,
    private readonly effects: Effects,
    private readonly render: RenderProposal,
  ) {}

  async handle(a: CandidateResolved, signal: AbortSignal): Promise<Answer> {
    switch (a.step.name) {
      case 'planning':
        return this.#plan(a, signal);
      case 'waiting-for-sibling':
        return this.#awaitSibling(a, a.step, signal);
      case 'intent-pr':
        return this.#open(a, a.step.plan, signal);
    }
  }

  async #plan(a: CandidateResolved, signal: AbortSignal): Promise<Answer> {
    const planned = await this.planner.plan(a, signal);
    switch (planned.kind) {
      case 'refusal':
        return this.#refused(a, planned);
      case 'restored':
        return this.#restored(a, planned.head, signal);
      case 'superseded':
        return this.#wait(a, `the application's files changed on ${a.target.branch} after the bad version`, {
          expiresAs: 'superseded',
        });
      case 'plan':
        break;
    }
    const { plan } = planned;
    if (a.policy.mode === 'observe')
      return a.step.name === 'planning' && a.step.asked === true
        ? { kind: 'abort', reason: 'no-longer-managed', why: 'the mode was lowered after a pull request was asked for' }
        : { kind: 'abort', reason: 'observed', why: wouldOpen(plan), plan };
    const sibling = await this.siblings.findOpen(
      a,
      plan.files.map((f) => f.path),
      signal,
    );
    if (sibling !== undefined && (await this.siblings.isOpen(a, sibling.number, signal))) {
      return {
        kind: 'step',
        step: { name: 'waiting-for-sibling', sibling: sibling.number, ...askedBefore(a.step) },
        why: `rollback pull request #${sibling.number} changes the same files`,
      };
    }
    const paused = this.effects.refusal(a, 'opening');
    if (paused === 'paused' || paused === 'killed')
      return this.#wait(a, `no pull request is opened: ${paused}`, { expiresAs: 'refused(paused)' });
    return {
      kind: 'step',
      step: { name: 'intent-pr', plan },
      why: `will open ${plan.branch}, ${plan.files.length} file(s)`,
    };
  }

  async #awaitSibling(a: CandidateResolved, step: Waiting, signal: AbortSignal): Promise<Answer> {
    const { sibling } = step;
    if (await this.siblings.isOpen(a, sibling, signal))
      return this.#wait(a, `rollback pull request #${sibling} is open`);
    const why = `rollback pull request #${sibling} is no longer open`;
    return { kind: 'step', step: { name: 'planning', ...askedBefore(step) }, why };
  }

  async #restored(a: CandidateResolved, head: string, signal: AbortSignal): Promise<Answer> {
    const merge = await this.siblings.findRestoring(a, head, signal);
    if (merge === undefined)
      return {
        kind: 'abort',
        reason: 'superseded',
        why: "the application's files were restored on the branch by somebody else",
      };
    return merged(merge, `pull request #${merge.pullRequest} restored the files (${merge.by})`);
  }

  async #open(a: CandidateResolved, plan: ProposePlan, signal: AbortSignal): Promise<Answer> {
    const done = await this.effects.perform(
      a,
      {
        id: `${a.id}:pull-request`,
        kind: 'opening',
        text: `open a pull request from ${plan.branch} on ${plan.baseSha.slice(0, 10)}`,
        look: (s) => this.proposal.find(a, plan, s),
        act: async (s) => {
          const changes = await this.planner.changesOf(a, plan, s);
          if (!('restore' in changes)) return; // not reproducible any more: nothing is seen, and it is planned again
          await this.proposal.open(
            a,
            plan,
            changes,
            { ...this.render(viewOf(a)), mayGoOn: () => this.effects.refusal(a, 'opening') === undefined },
            s,
          );
        },
      },
      signal,
    );
    switch (done.kind) {
      case 'refused': {
        const meaning = refusedOpening(a, done.code);
        return meaning.kind === 'abort'
          ? meaning
          : this.#wait(a, `the pull request is not opened: ${done.code}`, meaning);
      }
      case 'unseen':
        return (await this.#stillReproducible(a, plan, signal))
          ? this.#wait(a, done.why)
          : { kind: 'step', step: { name: 'planning', asked: true }, why: 'the plan does not hold any more' };
      case 'done':
        return this.#found(a, plan, done.value, done.how);
    }
  }
  async #stillReproducible(a: CandidateResolved, plan: ProposePlan, signal: AbortSignal): Promise<boolean> {
    return 'restore' in (await this.planner.changesOf(a, plan, signal));
  }

  #found(a: CandidateResolved, plan: ProposePlan, found: FoundProposal, how: 'acted' | 'found'): Answer {
    switch (found.kind) {
      case 'open': {
        const { number, url, headSha, createdAt } = found.pr;
        const provenance = how === 'acted' ? 'created' : 'adopted';
        return {
          kind: 'advance',
          to: 'PRCreated',
          why: `#${number} ${provenance}`,
          with: {
            pullRequest: { number, url, headSha, plan, provenance, openedAt: createdAt },
            step: { name: 'waiting-for-ci' },
          },
        };
      }
      case 'merged':
        if (found.pr.mergeCommit === undefined)
          return this.#wait(a, `#${found.pr.number} is merged; GitHub does not name the merge commit yet`);
        return merged(
          {
            commit: found.pr.mergeCommit,
            by: found.pr.mergedBy?.kind === 'human' ? 'human' : 'operator',
            ...(found.pr.mergedBy === undefined ? {} : { login: found.pr.mergedBy.login }),
            pullRequest: found.pr.number,
            at: found.pr.mergedAt ?? this.clock.now(),
          },
          `#${found.pr.number} was merged already`,
        );
      case 'vetoed':
        return {
          kind: 'abort',
          reason: 'pr-closed-by-human',
          why: `${found.by} closed #${found.number}: a veto for this rollback`,
        };
      case 'taken-over':
        return { kind: 'abort', reason: 'taken-over', why: found.why };
      case 'foreign':
        return { kind: 'abort', reason: 'foreign-branch', why: found.why };
    }
  }
  #refused(a: CandidateResolved, r: Refusal): Answer {
    if (refusalConsequence(r.rule) === 'plan-again') return this.#wait(a, r.detail);
    return { kind: 'abort', reason: `refused(${r.code})`, why: `${r.detail}. To do: ${r.mend}` };
  }
  #wait(a: CandidateResolved, why: string, { expiresAs }: { readonly expiresAs?: AbortReason } = {}): Answer {
    return {
      kind: 'wait',
      lookAgainAt: this.clock.now() + a.policy.timing.pullRequestPollInterval,
      why,
      ...(expiresAs === undefined ? {} : { expiresAs }),
    };
  }
}

type Step = CandidateResolved['step'];
type Waiting = Extract<Step, { name: 'waiting-for-sibling' }>;
const askedBefore = (step: Step): { readonly asked?: true } =>
  step.name !== 'intent-pr' && step.asked === true ? { asked: true } : {};
const merged = (merge: Merge, why: string): Answer => ({
  kind: 'advance',
  to: 'RollbackMerged',
  why,
  with: { merge, step: { name: 'syncing' } },
});
const wouldOpen = (p: ProposePlan): string =>
  `would open ${p.branch} on ${p.baseSha.slice(0, 10)}, changing ${p.files
    .map((f) => f.path)
    .slice(0, 10)
    .join(', ')} (${p.files.length} file(s), ${p.droppedCommits} commit(s) dropped)`;
