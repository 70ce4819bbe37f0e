import { json } from '../../http-message.js';
import type { Reply } from '../../http-message.js';
import { RequestBody } from '../body.js';
import { paged } from '../paging.js';
import { notFound, refusal, unprocessable } from '../refusals.js';
import { addReview, dismissReview } from '../reviews.js';
import type { ReviewVerdict } from '../reviews.js';
import { pullOf, reads, writes } from '../routes.js';
import type { AccountCall, Routes } from '../routes.js';
import { reviewShape } from '../shapes/conversation.js';

const VERDICTS: Readonly<Record<string, ReviewVerdict>> = {
  APPROVE: 'APPROVED',
  REQUEST_CHANGES: 'CHANGES_REQUESTED',
  COMMENT: 'COMMENTED',
};

/** `pulls/{n}/reviews` */
export function addReviewRoutes(routes: Routes): void {
  routes.repo('GET', '/pulls/:number/reviews', reads('pull_requests'), (call) => {
    const { forge, request, account } = call;
    const { number } = pullOf(call);
    // A pending review is its author's secret.
    const visible = forge.reviews.filter((review) => review.state !== 'PENDING' || review.author === account);
    const items = visible.filter((review) => review.pull === number);
    return paged({ request, links: forge.links, items, shape: (review) => reviewShape(forge, review) });
  });
  routes.repo('POST', '/pulls/:number/reviews', writes('pull_requests', 'read'), createReview);
  routes.repo('PUT', '/pulls/:number/reviews/:review/dismissals', writes('pull_requests'), (call) => {
    const { number } = pullOf(call);
    const review = call.forge.reviews.find((r) => r.pull === number && String(r.id) === call.params.get('review'));
    if (!review) throw notFound();
    new RequestBody(call.request).text('message');
    dismissReview(review);
    return json(200, reviewShape(call.forge, review));
  });
}

async function createReview(call: AccountCall): Promise<Reply> {
  const { forge, request, account } = call;
  const pull = pullOf(call);
  const body = new RequestBody(request);
  const event = body.optionalText('event');
  const state = event === undefined ? 'PENDING' : VERDICTS[event];
  if (state === undefined) throw unprocessable(`Invalid request.\n\n${event} is no event.`);
  const text = body.optionalText('body') ?? '';
  const needsText = state === 'CHANGES_REQUESTED' || state === 'COMMENTED';
  if (needsText && text === '') throw refusal(422, 'Unprocessable Entity', { errors: ["Body can't be blank"] });
  const commit = body.optionalText('commit_id');
  const review = await addReview(forge, pull, {
    by: account,
    state,
    body: text,
    ...(commit === undefined ? {} : { commit }),
  });
  return json(200, reviewShape(forge, review));
}
