import type { JournalEntry } from '../journal.js';
import { isJsonObject } from '../json-path.js';
import { isSame } from './conditions.js';
import type { Expectation, RequestExpectation } from './expectation-schema.js';
import type { ScenarioStage } from './stage.js';

/** Which expected numbers of requests are not so, in words. */
export function requestFaults(expect: Expectation, stage: ScenarioStage): readonly string[] {
  return expect.requests.flatMap((wanted) => {
    const found = stage.journal.find({ server: wanted.server }).filter((entry) => fits(entry, wanted));
    const { count, atLeast = count ?? 0, atMost = count ?? Number.POSITIVE_INFINITY } = wanted;
    if (found.length >= atLeast && found.length <= atMost) return [];
    const limits = count === undefined ? `${atLeast} to ${atMost}` : String(count);
    const { server, method = wanted.writes ? 'write' : 'any', path = '' } = wanted;
    const seen = found
      .slice(0, 5)
      .map((e) => `${e.method} ${e.path} ${e.status}`)
      .join('; ');
    return [`${limits} requests (${server} ${method} ${path}) expected, ${found.length} came: ${seen || 'none'}`];
  });
}

function fits(entry: JournalEntry, { method, writes, path, query, applied }: RequestExpectation): boolean {
  return (
    (method === undefined || entry.method === method) &&
    (writes === undefined || entry.method !== 'GET') &&
    (path === undefined || new RegExp(path).test(entry.path)) &&
    (query === undefined || new RegExp(query).test(entry.query)) &&
    (applied === undefined || entry.applied === applied)
  );
}

/** Which notices people did not get, or got too often, in words. The same notice sent again is one. */
export function noticeFaults(expect: Expectation, stage: ScenarioStage): readonly string[] {
  const bodies = stage.journal
    .find({ server: 'notices' })
    .map((entry) => entry.body)
    .filter(isJsonObject);
  return expect.notices.flatMap(({ kind, application, count }) => {
    const found = bodies.filter(
      (notice) =>
        (kind === undefined || notice['kind'] === kind) &&
        (application === undefined ||
          (typeof notice['application'] === 'string' && isSame(notice['application'], application))),
    );
    const different = new Set(found.map((notice) => notice['id'])).size;
    if (different === count) return [];
    const all = bodies.map((notice) => String(notice['kind'])).join(', ') || 'none';
    return [`${count} notice(s) ${kind ?? 'in all'} expected, ${different} came; all: ${all}`];
  });
}
