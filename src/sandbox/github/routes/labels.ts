import type { Reply } from '../../http-message.js';
import { isObject } from '../body.js';
import type { Forge } from '../forge.js';
import { paged } from '../paging.js';
import type { PullRecord } from '../records.js';
import { refusal, unprocessable } from '../refusals.js';
import { pullOf, reads, writes } from '../routes.js';
import type { AccountCall, Routes } from '../routes.js';
import { ensureLabel, labelShape } from '../shapes/pull.js';

/** `issues/{n}/labels` */
export function addLabelRoutes(routes: Routes): void {
  routes.repo('GET', '/issues/:number/labels', reads('issues'), (call) => labelsOf(call, pullOf(call)));
  routes.repo('POST', '/issues/:number/labels', writes('issues', 'triage'), (call) => {
    const pull = pullOf(call);
    const { body } = call.request;
    const names: unknown = isObject(body) ? body['labels'] : body;
    if (!Array.isArray(names)) throw unprocessable('Invalid request.\n\n"labels" wasn\'t supplied.');
    for (const name of names) putLabel(call.forge, pull, isObject(name) ? String(name['name']) : String(name));
    return labelsOf(call, pull);
  });
  routes.repo('DELETE', '/issues/:number/labels/:name', writes('issues', 'triage'), (call) => {
    const pull = pullOf(call);
    const kept = pull.labels.filter((name) => name.toLowerCase() !== call.params.get('name').toLowerCase());
    if (kept.length === pull.labels.length) throw refusal(404, 'Label does not exist');
    pull.labels = kept;
    return labelsOf(call, pull);
  });
}

/** Adding twice adds once. */
export function putLabel(forge: Forge, pull: PullRecord, name: string): void {
  const label = ensureLabel(forge, name);
  if (!pull.labels.includes(label.name)) pull.labels.push(label.name);
  pull.updatedAt = forge.now();
}

function labelsOf({ forge, request }: AccountCall, pull: PullRecord): Promise<Reply> {
  const shape = (name: string): Record<string, unknown> => labelShape(forge, ensureLabel(forge, name));
  return paged({ request, links: forge.links, items: pull.labels, shape });
}
