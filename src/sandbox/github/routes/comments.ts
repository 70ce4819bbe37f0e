import { roleAtLeast } from '../../../model/repository-role.js';
import { json } from '../../http-message.js';
import type { Reply } from '../../http-message.js';
import { RequestBody } from '../body.js';
import type { Account } from '../accounts.js';
import type { Forge } from '../forge.js';
import { paged } from '../paging.js';
import type { CommentRecord, PullRecord } from '../records.js';
import { noPermission, notFound, validationFailed } from '../refusals.js';
import { pullOf, reads, roleOf, writes } from '../routes.js';
import type { AccountCall, Routes } from '../routes.js';
import { commentShape, issueShape } from '../shapes/conversation.js';

const BODY_LIMIT = 65_536;

/** `issues/{n}` and its comments: a pull request is an issue too. */
export function addCommentRoutes(routes: Routes): void {
  routes.repo('GET', '/issues/:number', reads('issues'), (call) => json(200, issueShape(call.forge, pullOf(call))));
  routes.repo('GET', '/issues/:number/comments', reads('issues'), (call) => {
    const { forge, request } = call;
    const { number } = pullOf(call);
    const since = Date.parse(request.query.get('since') ?? '1970-01-01T00:00:00Z');
    const items = forge.comments.filter((comment) => comment.pull === number && comment.updatedAt >= since);
    return paged({ request, links: forge.links, items, shape: (comment) => commentShape(forge, comment) });
  });
  routes.repo('POST', '/issues/:number/comments', writes('issues', 'read'), (call) => {
    const pull = pullOf(call);
    const text = commentText(call);
    return json(201, commentShape(call.forge, addComment(call.forge, pull, call.account, text)));
  });
  routes.repo('GET', '/issues/comments/:id', reads('issues'), (call) =>
    json(200, commentShape(call.forge, commentOf(call))),
  );
  routes.repo('PATCH', '/issues/comments/:id', writes('issues', 'read'), editComment);
}

/** Comments on a pull request. */
export function addComment(forge: Forge, pull: PullRecord, author: Account, body: string): CommentRecord {
  const at = forge.now();
  const comment: CommentRecord = { id: forge.nextId(), pull: pull.number, author, body, createdAt: at, updatedAt: at };
  forge.comments.push(comment);
  pull.updatedAt = at;
  return comment;
}

function commentText({ request }: AccountCall): string {
  const text = new RequestBody(request).text('body');
  const bad = (message: string): Error =>
    validationFailed({ resource: 'IssueComment', field: 'body', code: 'custom', message });
  if (text.trim() === '') throw bad("body can't be blank");
  if (text.length > BODY_LIMIT) throw bad(`body is too long (maximum is ${BODY_LIMIT} characters)`);
  return text;
}

function commentOf({ forge, params }: AccountCall): CommentRecord {
  const comment = forge.comments.find((c) => String(c.id) === params.get('id'));
  if (!comment) throw notFound();
  return comment;
}

function editComment(call: AccountCall): Reply {
  const { forge, account } = call;
  const comment = commentOf(call);
  if (comment.author !== account && !roleAtLeast(roleOf(forge, account), 'write')) throw noPermission();
  comment.body = commentText(call);
  comment.updatedAt = forge.now();
  return json(200, commentShape(forge, comment));
}
