import type { Review } from '../../src/ports/source-control.js';
import { approvalOf, type Approval, type ApprovalQuestion, type Reviewer } from '../../src/stages/5-merge/approval.js';
import { HEAD, POLICY, T0 } from './attempt-parts.js';

/** Reviews of the rollback pull request of attempts.ts and the people who gave them. */
export const review = (login: string, state: Review['state'], overrides: Partial<Review> = {}): Review => ({
  id: 1,
  author: { login, kind: 'human' },
  state,
  commit: HEAD,
  submittedAt: T0 + 50_000,
  ...overrides,
});
export const reviewer = (login: string, role: Reviewer['role'] = 'maintain', named = true): Reviewer => ({
  login,
  role,
  named,
});
export const asked = (overrides: Partial<ApprovalQuestion>): Approval =>
  approvalOf({
    reviews: [],
    reviewers: [reviewer('ada'), reviewer('bob')],
    pinnedHead: HEAD,
    authors: ['ai-operator[bot]'],
    policy: POLICY.approval,
    ...overrides,
  });

/** Nobody has an opinion. */
export const NOBODY: Approval = asked({});
/** Ada, a maintainer, approved exactly the pinned head. */
export const APPROVED: Approval = asked({ reviews: [review('ada', 'APPROVED')] });
