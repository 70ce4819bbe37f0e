import type { Clock } from '../../base/clock.js';
import { OperatorError } from '../../base/errors.js';
import type { OtherApplication } from '../../governance/evidence.js';
import { observe } from '../../governance/known.js';
import type { PolicyBook } from '../../governance/policy-book.js';
import { affectedApplications } from '../../gitops/affected-applications.js';
import type { ApplicationKey } from '../../model/application.js';
import type { ArgoCd } from '../../ports/argocd.js';
import type { RepositoryId, SourceControl } from '../../ports/source-control.js';
import type { RenderProof } from './render-proof.js';

const MOST_RENDERED = 20;

export interface DiffToWeigh {
  readonly application: ApplicationKey;
  readonly repo: RepositoryId;
  readonly url: string;
  readonly branch: string;
  readonly paths: readonly string[];
  readonly baseHead: string;
  readonly pullRequestHead: string;
}

/** Who else renders from the changed files, and would they change (semantics 6, I1, G2)? */
export class OtherApplications {
  constructor(
    private readonly clock: Clock,
    private readonly argocd: Pick<ArgoCd, 'listSources'>,
    private readonly sourceControl: Pick<SourceControl, 'getRepository' | 'readRepositoryContent' | 'readBlob'>,
    private readonly policies: PolicyBook,
    private readonly proof: RenderProof,
  ) {}

  async weigh(d: DiffToWeigh, signal: AbortSignal): Promise<readonly OtherApplication[]> {
    const [fleet, settings, before, after] = await Promise.all([
      this.argocd.listSources(signal),
      this.sourceControl.getRepository(d.repo, signal),
      this.sourceControl.readRepositoryContent(d.repo, d.baseHead, signal),
      this.sourceControl.readRepositoryContent(d.repo, d.pullRequestHead, signal),
    ]);
    if (!fleet.some((f) => f.application === d.application)) {
      // Argo CD leaves out of a list, without a word, whatever the account may not see.
      throw new OperatorError(
        'ARGOCD_LIST_INCOMPLETE',
        'transient',
        `the list of applications lacks ${d.application} itself: it says nothing about others`,
      );
    }
    const affected = await affectedApplications(
      {
        subject: d.application,
        repoURL: d.url,
        branch: d.branch,
        defaultBranch: settings.defaultBranch,
        changedPaths: d.paths,
        before,
        after,
        readText: (oid) => this.sourceControl.readBlob(d.repo, oid, signal),
      },
      fleet,
    );
    const concerned = affected.filter((a) => a.affection !== 'disjoint');
    const others: OtherApplication[] = [];
    // Two in flight: each costs Argo CD a rendering.
    for (let i = 0; i < concerned.length; i += 2) {
      others.push(
        ...(await Promise.all(
          concerned.slice(i, i + 2).map((a, n) =>
            this.#other(
              d,
              a,
              fleet.find((f) => f.application === a.application),
              i + n < MOST_RENDERED,
              signal,
            ),
          ),
        )),
      );
    }
    return others;
  }
  async #other(
    d: DiffToWeigh,
    a: Awaited<ReturnType<typeof affectedApplications>>[number],
    source: Awaited<ReturnType<ArgoCd['listSources']>>[number] | undefined,
    render: boolean,
    signal: AbortSignal,
  ): Promise<OtherApplication> {
    const environment = source === undefined ? undefined : this.policies.environmentOf(source);
    const same =
      render && source !== undefined
        ? await observe(this.clock, `rendering of ${a.application}`, () =>
            this.proof.rendersEqual(source, d.baseHead, d.pullRequestHead, signal),
          )
        : undefined;
    return {
      application: a.application,
      environment: environment ?? 'unmanaged',
      relation: a.affection === 'meets' ? 'meets' : 'unknown',
      why: same?.kind === 'unknown' ? `${a.detail}; ${same.why}` : a.detail,
      rendersEqual: same?.kind === 'known' ? same.value : undefined,
    };
  }
}
