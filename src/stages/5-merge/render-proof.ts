import { compareManifests } from '../../gitops/reversibility.js';
import { OperatorError } from '../../base/errors.js';
import { RecentMap } from '../../base/recent-map.js';
import { settingsHash } from '../../gitops/content.js';
import type { FleetSource } from '../../model/application.js';
import type { ArgoCd } from '../../ports/argocd.js';
import type { RenderedProof } from '../../governance/evidence.js';

const MOST_REMEMBERED = 64;

/** An application as far as its renderings of one commit may differ: other source settings make it another. */
type Rendered = Pick<FleetSource, 'application' | 'sources'>;

/** Proof by rendering (semantics 6): what Argo CD makes of commits. A commit renders the same again, so answers are kept. */
export class RenderProof {
  readonly #rendered = new RecentMap<string, readonly string[]>(MOST_REMEMBERED);
  constructor(private readonly argocd: Pick<ArgoCd, 'renderManifests'>) {}

  /** The application at the head of the pull request against the candidate, and what changes against the base. */
  async ofApplication(
    app: Rendered,
    at: { readonly base: string; readonly head: string; readonly candidate: string },
    signal: AbortSignal,
  ): Promise<RenderedProof> {
    const [base, head, candidate] = await Promise.all([
      this.#render(app, at.base, signal),
      this.#render(app, at.head, signal),
      this.#render(app, at.candidate, signal),
    ]);
    const compared = compareManifests(base, head);
    if (compared.kind !== 'compared')
      throw new OperatorError(
        'MANIFESTS_INCOMPARABLE',
        'terminal',
        `the rendered manifests of ${app.application} cannot be compared`,
      );
    return {
      equalsCandidate: sameManifests(head, candidate),
      changes: compared.changed.map((o) => ({
        change: o.change,
        kind: o.kind,
        name: o.name,
        ...(o.bar === undefined ? {} : { bars: `${o.kind} ${o.name}: ${o.bar} cannot simply be taken back` }),
      })),
    };
  }
  async rendersEqual(app: Rendered, a: string, b: string, signal: AbortSignal): Promise<boolean> {
    const [one, other] = await Promise.all([this.#render(app, a, signal), this.#render(app, b, signal)]);
    return sameManifests(one, other);
  }
  async #render({ application, sources }: Rendered, revision: string, signal: AbortSignal): Promise<readonly string[]> {
    const key = `${application}@${revision}@${settingsHash(sources)}`;
    const known = this.#rendered.get(key);
    if (known !== undefined) return known;
    const rendered = await this.argocd.renderManifests(application, revision, signal);
    this.#rendered.set(key, rendered);
    return rendered;
  }
}
const sameManifests = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((m, i) => m === b[i]);
