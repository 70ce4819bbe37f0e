import { expect } from 'chai';
import fc from 'fast-check';
import { REPOSITORY_ROLES } from '../../../src/model/repository-role.js';
import type { Review } from '../../../src/ports/source-control.js';
import type { Approval, ApprovalQuestion } from '../../../src/stages/5-merge/approval.js';
import { POLICY } from '../../support/attempt-parts.js';
import { asked, review, reviewer } from '../../support/approvals.js';

const NONE: Approval = { approvedBy: [], enough: false, rejectedBy: [], blockedBy: [], ignored: [] };
const approved = (...approvedBy: string[]): Approval => ({ ...NONE, approvedBy, enough: true });
const ignored = (...words: string[]): Approval => ({ ...NONE, ignored: words });
const bot: Partial<Review> = { author: { login: 'review-bot', kind: 'bot' } };

/** Who said what, oldest first, and what it comes to. */
const ROWS: readonly (readonly [claim: string, question: Partial<ApprovalQuestion>, expected: Approval])[] = [
  ['is missing when nobody said anything', {}, NONE],
  [
    'counts when a maintainer approved exactly the pinned head',
    { reviews: [review('ada', 'APPROVED')] },
    approved('ada'),
  ],
  [
    'counts from an admin',
    { reviews: [review('ada', 'APPROVED')], reviewers: [reviewer('ada', 'admin')] },
    approved('ada'),
  ],
  [
    'does not count on another head',
    { reviews: [review('ada', 'APPROVED', { commit: '1'.repeat(40) })] },
    ignored('ada: approved another head'),
  ],
  [
    'does not count from a bot',
    { reviews: [review('review-bot', 'APPROVED', bot)], reviewers: [reviewer('review-bot', 'admin')] },
    ignored('review-bot: not a person'),
  ],
  [
    'does not count from who wrote the pull request',
    { reviews: [review('ada', 'APPROVED')], authors: ['ada'] },
    ignored('ada: wrote the pull request'),
  ],
  [
    'does not count from who may only write',
    { reviews: [review('ada', 'APPROVED')], reviewers: [reviewer('ada', 'write')] },
    ignored('ada: role write, needed is maintain'),
  ],
  [
    'does not count from a stranger, as anybody may approve on a public repository',
    { reviews: [review('eve', 'APPROVED')], reviewers: [reviewer('eve', 'none')] },
    ignored('eve: role none, needed is maintain'),
  ],
  [
    'does not count from somebody whose role is not known',
    { reviews: [review('eve', 'APPROVED')] },
    ignored('eve: role not known'),
  ],
  [
    'does not count from a maintainer outside the configured teams and users',
    { reviews: [review('ada', 'APPROVED')], reviewers: [reviewer('ada', 'maintain', false)] },
    ignored('ada: not among the configured approvers'),
  ],
  ['does not count once it is dismissed', { reviews: [review('ada', 'DISMISSED')] }, NONE],
  [
    'does not count when a later opinion of the same person was dismissed',
    { reviews: [review('ada', 'APPROVED'), review('ada', 'DISMISSED')] },
    NONE,
  ],
  [
    'is not taken back by a comment',
    { reviews: [review('ada', 'APPROVED'), review('ada', 'COMMENTED')] },
    approved('ada'),
  ],
  ['is not given by a comment', { reviews: [review('ada', 'COMMENTED')] }, NONE],
  ['is not given by a review that was not submitted', { reviews: [review('ada', 'PENDING')] }, NONE],
  [
    'counts once however often one person gives it',
    { reviews: [review('ada', 'APPROVED'), review('ada', 'APPROVED')], policy: { ...POLICY.approval, count: 2 } },
    { ...approved('ada'), enough: false },
  ],
  [
    'is enough when as many gave it as are needed',
    { reviews: [review('ada', 'APPROVED'), review('bob', 'APPROVED')], policy: { ...POLICY.approval, count: 2 } },
    approved('ada', 'bob'),
  ],
  ['needs at least one person, whatever is configured', { policy: { ...POLICY.approval, count: 0 } }, NONE],
  [
    'is a rejection when an eligible approver requested changes',
    { reviews: [review('ada', 'CHANGES_REQUESTED')] },
    { ...NONE, rejectedBy: ['ada'] },
  ],
  [
    'is a rejection also when the changes were requested on an older head',
    { reviews: [review('ada', 'CHANGES_REQUESTED', { commit: '1'.repeat(40) })] },
    { ...NONE, rejectedBy: ['ada'] },
  ],
  [
    'is not enough beside a rejection',
    { reviews: [review('bob', 'APPROVED'), review('ada', 'CHANGES_REQUESTED')] },
    { ...NONE, approvedBy: ['bob'], rejectedBy: ['ada'] },
  ],
  [
    'is blocked when somebody who may write requested changes',
    {
      reviews: [review('bob', 'APPROVED'), review('ada', 'CHANGES_REQUESTED')],
      reviewers: [reviewer('ada', 'write'), reviewer('bob')],
    },
    { ...NONE, approvedBy: ['bob'], blockedBy: ['ada'] },
  ],
  [
    'is blocked when a maintainer outside the configured approvers requested changes',
    {
      reviews: [review('bob', 'APPROVED'), review('ada', 'CHANGES_REQUESTED')],
      reviewers: [reviewer('ada', 'maintain', false), reviewer('bob')],
    },
    { ...NONE, approvedBy: ['bob'], blockedBy: ['ada'] },
  ],
  [
    'is blocked when somebody whose access is not known requested changes',
    { reviews: [review('bob', 'APPROVED'), review('eve', 'CHANGES_REQUESTED')] },
    { ...NONE, approvedBy: ['bob'], blockedBy: ['eve'] },
  ],
  [
    'is not blocked by somebody who may only read',
    {
      reviews: [review('bob', 'APPROVED'), review('eve', 'CHANGES_REQUESTED')],
      reviewers: [reviewer('bob'), reviewer('eve', 'read')],
    },
    approved('bob'),
  ],
  [
    'is not blocked by a bot whose access is not known',
    { reviews: [review('bob', 'APPROVED'), review('review-bot', 'CHANGES_REQUESTED', bot)] },
    approved('bob'),
  ],
  [
    'counts again when the same person approves after requesting changes',
    { reviews: [review('ada', 'CHANGES_REQUESTED'), review('ada', 'APPROVED')] },
    approved('ada'),
  ],
  [
    'is withdrawn when the same person requests changes after approving',
    { reviews: [review('ada', 'APPROVED'), review('ada', 'CHANGES_REQUESTED')] },
    { ...NONE, rejectedBy: ['ada'] },
  ],
  [
    'is no longer blocked when the request for changes was dismissed',
    { reviews: [review('bob', 'APPROVED'), review('ada', 'CHANGES_REQUESTED'), review('ada', 'DISMISSED')] },
    approved('bob'),
  ],
  [
    'of another person does not lift a request for changes',
    { reviews: [review('ada', 'CHANGES_REQUESTED'), review('bob', 'APPROVED')] },
    { ...NONE, approvedBy: ['bob'], rejectedBy: ['ada'] },
  ],
  [
    'may be given by who may write when that is configured',
    {
      reviews: [review('ada', 'APPROVED')],
      reviewers: [reviewer('ada', 'write')],
      policy: { ...POLICY.approval, minRole: 'write' },
    },
    approved('ada'),
  ],
];

describe('an approval', () => {
  for (const [claim, question, expected] of ROWS) {
    it(claim, () => {
      expect(asked(question)).to.deep.equal(expected);
    });
  }
  it('needs the configured role: a lower one never does', () => {
    for (const minRole of REPOSITORY_ROLES) {
      for (const role of REPOSITORY_ROLES) {
        const { enough } = asked({
          reviews: [review('ada', 'APPROVED')],
          reviewers: [reviewer('ada', role)],
          policy: { ...POLICY.approval, minRole },
        });
        expect(enough, `${role}, ${minRole}`).to.equal(
          REPOSITORY_ROLES.indexOf(role) >= REPOSITORY_ROLES.indexOf(minRole),
        );
      }
    }
  });
  it('is never enough while anybody with write access stands against it', () => {
    const anyReview = fc.record({
      login: fc.constantFrom('ada', 'bob', 'eve'),
      state: fc.constantFrom<Review['state']>('APPROVED', 'CHANGES_REQUESTED', 'COMMENTED', 'DISMISSED'),
    });
    fc.assert(
      fc.property(fc.array(anyReview, { maxLength: 8 }), (given) => {
        const reviews = given.map((r) => review(r.login, r.state));
        const standing = ['ada', 'bob', 'eve'].filter(
          (login) =>
            reviews.findLast((r) => r.author.login === login && r.state !== 'COMMENTED')?.state === 'CHANGES_REQUESTED',
        );
        const { enough, rejectedBy, blockedBy } = asked({
          reviews,
          reviewers: [reviewer('ada'), reviewer('bob', 'write'), reviewer('eve')],
        });
        expect([...rejectedBy, ...blockedBy].toSorted()).to.deep.equal(standing);
        if (standing.length > 0) expect(enough).to.equal(false);
      }),
    );
  });
});
