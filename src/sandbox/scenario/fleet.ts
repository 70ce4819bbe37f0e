import { isJsonObject } from '../json-path.js';
import type { JsonObject } from '../json-path.js';

/**
 * Expands `fleets` of a scenario file before it is checked: `count` copies of `application`, and of the files each adds
 * to commits and pushes (`commits: { <id>: { <path>: <text> } }`), with `{n}` replaced by 01, 02, ... in every text.
 */
export function expandFleets(document: JsonObject): JsonObject {
  const fleets = Array.isArray(document['fleets']) ? document['fleets'].filter(isJsonObject) : [];
  const { fleets: _fleets, ...rest } = document;
  return fleets.reduce<JsonObject>(expandFleet, rest);
}

function expandFleet(document: JsonObject, fleet: JsonObject): JsonObject {
  const count = Number(fleet['count']);
  const numbers = Array.from({ length: count }, (_, i) => String(i + 1).padStart(String(count).length, '0'));
  const applications = numbers.map((n) => numbered(fleet['application'], n));
  const extra = isJsonObject(fleet['commits']) ? fleet['commits'] : {};
  const filesOf = (id: unknown): JsonObject => {
    const template = typeof id === 'string' ? extra[id] : undefined;
    return Object.assign({}, ...numbers.map((n) => numbered(template ?? {}, n))) as JsonObject;
  };
  const repository = isJsonObject(document['repository']) ? document['repository'] : {};
  return {
    ...document,
    applications: [...listOf(document['applications']), ...applications],
    repository: { ...repository, commits: listOf(repository['commits']).map((commit) => withFiles(commit, filesOf)) },
    timeline: listOf(document['timeline']).map((entry) => {
      if (!isJsonObject(entry)) return entry;
      const actions = Array.isArray(entry['do']) ? (entry['do'] as unknown[]) : [entry['do']];
      return { ...entry, do: actions.map((action) => withFiles(action, filesOf)) };
    }),
  };
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function withFiles(commit: unknown, filesOf: (id: unknown) => JsonObject): unknown {
  if (!isJsonObject(commit) || commit['id'] === undefined) return commit;
  const own = isJsonObject(commit['files']) ? commit['files'] : {};
  return { ...commit, files: { ...own, ...filesOf(commit['id']) } };
}

function numbered(value: unknown, n: string): unknown {
  if (typeof value === 'string') return value.replaceAll('{n}', n);
  if (Array.isArray(value)) return value.map((one) => numbered(one, n));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [numbered(key, n), numbered(inner, n)]));
}
