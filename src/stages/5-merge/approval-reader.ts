import type { ApprovalPolicy } from '../../model/policy.js';
import type { RollbackPullRequest } from '../../model/rollback-attempt.js';
import type { RepositoryId, SourceControl } from '../../ports/source-control.js';
import { approvalOf, latestOpinions, type Approval, type Reviewer } from './approval.js';

/** Reads reviews and the standing of everybody who has an opinion. */
export class ApprovalReader {
  constructor(
    private readonly sourceControl: Pick<SourceControl, 'listReviews' | 'getRole' | 'isTeamMember' | 'self'>,
  ) {}

  async read(
    repo: RepositoryId,
    pr: RollbackPullRequest,
    policy: ApprovalPolicy,
    signal: AbortSignal,
  ): Promise<Approval> {
    const [reviews, self] = await Promise.all([
      this.sourceControl.listReviews(repo, pr.number, signal),
      this.sourceControl.self(signal),
    ]);
    const people = [...latestOpinions(reviews).values()]
      .filter((r) => r.author.kind === 'human')
      .map((r) => r.author.login);
    const reviewers = await Promise.all(people.map((login) => this.#reviewer(repo, login, policy, signal)));
    return approvalOf({ reviews, reviewers, pinnedHead: pr.headSha, authors: [self.login], policy });
  }
  async #reviewer(repo: RepositoryId, login: string, policy: ApprovalPolicy, signal: AbortSignal): Promise<Reviewer> {
    const [role, named] = await Promise.all([
      this.sourceControl.getRole(repo, login, signal),
      this.#isNamed(login, policy, signal),
    ]);
    return { login, role, named };
  }
  async #isNamed(login: string, policy: ApprovalPolicy, signal: AbortSignal): Promise<boolean> {
    if (policy.teams.length === 0 && policy.users.length === 0) return true;
    if (policy.users.some((u) => u.toLowerCase() === login.toLowerCase())) return true;
    const memberships = await Promise.all(
      policy.teams.map((team) => {
        const [organisation = '', name = ''] = team.split('/');
        return this.sourceControl.isTeamMember(organisation, name, login, signal);
      }),
    );
    return memberships.includes(true);
  }
}
