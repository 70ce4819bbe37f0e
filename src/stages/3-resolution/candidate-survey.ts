import type { Clock } from '../../base/clock.js';
import { asOperatorError } from '../../base/errors.js';
import { contentOf, type ClosureReader } from '../../gitops/closure-reader.js';
import { settingsHash } from '../../gitops/content.js';
import type { ApplicationSnapshot } from '../../model/application.js';
import type { UptimeEvidence } from '../../model/candidate.js';
import type { ApplicationMark } from '../../model/mark.js';
import type { MetricsBackend, TimeWindow } from '../../ports/metrics-backend.js';
import type { RepositoryId, SourceControl } from '../../ports/source-control.js';
import { readCandidateCi } from './candidate-ci.js';
import type { SurveyedContent } from './candidate-choice.js';
import type { Deployment } from './deployments.js';
import { uptimeOf, windowsToRead } from './uptime.js';

/** The newest contents that are looked at; older ones are never needed in practice, and each costs upstream calls. */
const MOST_CONTENTS = 8;
const NOT_READ: UptimeEvidence = { kind: 'unavailable', why: 'not looked at' };

export interface SurveyQuestion {
  readonly repo: RepositoryId;
  readonly app: ApplicationSnapshot;
  readonly branchHead: string;
  readonly badContent: string;
  readonly deployments: readonly Deployment[];
  readonly marks: readonly ApplicationMark[];
}
interface Ran {
  readonly content: string;
  readonly newest: Deployment;
  readonly spans: TimeWindow[];
  readonly excluded?: SurveyedContent['excluded'];
}

/** Reads what is known of every content that ran here, newest first, without the bad one. Reads of contents go in parallel. */
export class CandidateSurvey {
  constructor(
    private readonly clock: Clock,
    private readonly closures: ClosureReader,
    private readonly sourceControl: Pick<SourceControl, 'isAncestor' | 'listChecks' | 'listPullRequestsOf'>,
    private readonly metrics: MetricsBackend,
  ) {}

  async survey(q: SurveyQuestion, signal: AbortSignal): Promise<readonly SurveyedContent[]> {
    const contents = await this.#contents(q, signal);
    return Promise.all(contents.map((ran) => this.#evidence(q, ran, signal)));
  }

  /** Deployments grouped by content. A deployment whose content cannot be computed stands for itself and is excluded. */
  async #contents(q: SurveyQuestion, signal: AbortSignal): Promise<readonly Ran[]> {
    const found = new Map<string, Ran>();
    const settings = settingsHash(q.app.sources);
    for (const deployment of q.deployments) {
      const [revision] = deployment.revisions;
      if (revision === undefined || found.size >= MOST_CONTENTS) continue;
      const { content, excluded } = await this.#identify(q, deployment, settings, signal);
      if (content === q.badContent) continue;
      const known = found.get(content);
      if (known !== undefined) known.spans.push(deployment.span);
      else
        found.set(content, {
          content,
          newest: deployment,
          spans: [deployment.span],
          ...(excluded === undefined ? {} : { excluded }),
        });
    }
    return [...found.values()];
  }
  async #identify(
    q: SurveyQuestion,
    d: Deployment,
    settings: string,
    signal: AbortSignal,
  ): Promise<{ content: string; excluded?: SurveyedContent['excluded'] }> {
    const [revision = ''] = d.revisions;
    if (d.settings !== settings) {
      return {
        content: `settings/${d.settings}/${revision}`,
        excluded: { because: 'settings-differ', detail: "the Application's source settings were different then" },
      };
    }
    try {
      if (!(await this.sourceControl.isAncestor(q.repo, revision, q.branchHead, signal))) {
        return {
          content: `revision/${revision}`,
          excluded: { because: 'not-an-ancestor', detail: 'the branch does not contain it any more' },
        };
      }
      const { closure } = await this.closures.read(q.repo, q.app, revision, signal);
      const content = contentOf(closure, q.app.sources);
      if (content === undefined)
        return {
          content: `revision/${revision}`,
          excluded: {
            because: 'closure-unreadable',
            detail: closure.kind === 'refusal' ? `${closure.code}: ${closure.detail}` : 'no source',
          },
        };
      const quarantined = q.marks.some((m) => m.kind === 'quarantine' && m.content === content);
      return quarantined
        ? { content, excluded: { because: 'quarantined', detail: 'it was rolled back before' } }
        : { content };
    } catch (error) {
      const e = asOperatorError(error);
      if (e.category !== 'terminal') throw e;
      return { content: `revision/${revision}`, excluded: { because: 'closure-unreadable', detail: e.message } };
    }
  }

  async #evidence(q: SurveyQuestion, ran: Ran, signal: AbortSignal): Promise<SurveyedContent> {
    const [revision = ''] = ran.newest.revisions;
    const facts = { content: ran.content, revision, deployedAt: ran.newest.span.from, stoppedAt: ran.newest.span.to };
    if (ran.excluded !== undefined) return { ...facts, uptime: NOT_READ, ci: 'unknown', excluded: ran.excluded };
    const [uptime, ci] = await Promise.all([
      this.#uptime(q, ran.spans, signal),
      readCandidateCi(this.clock, this.sourceControl, q.repo, revision, signal),
    ]);
    return { ...facts, uptime, ci };
  }
  async #uptime(q: SurveyQuestion, spans: readonly TimeWindow[], signal: AbortSignal): Promise<UptimeEvidence> {
    const windows = windowsToRead(spans);
    const histories = await Promise.all(
      windows.map(async (span) => ({
        span,
        history: await this.metrics.healthHistory(q.app.application, span, signal),
      })),
    );
    return uptimeOf(spans, histories);
  }
}
