import { isJsonObject, valueAt } from '../json-path.js';
import type { JsonObject } from '../json-path.js';

/**
 * What `fields=` of the list may name (argo-cd `forwarder_overwrite.go`); everything else is dropped without a word.
 */
const LIST_FIELDS: readonly string[] = [
  ...['name', 'namespace', 'annotations', 'labels', 'creationTimestamp', 'deletionTimestamp'].map(
    (f) => `metadata.${f}`,
  ),
  'spec',
  ...['destination', 'project', 'source', 'sources', 'sourceHydrator', 'syncPolicy'].map((f) => `spec.${f}`),
  ...['sourceHydrator', 'summary', 'health', 'resources', 'sync.status', 'sync.revision'].map((f) => `status.${f}`),
  ...['startedAt', 'finishedAt', 'phase', 'operation.sync'].map((f) => `status.operationState.${f}`),
  'operation.sync',
];

/** The cut list, or the failure Argo CD makes of the wish. */
export type Projection =
  | { readonly kind: 'list'; readonly body: JsonObject }
  | { readonly kind: 'fault'; readonly message: string };

/**
 * The list as `fields=` cuts it: a leading `-` excludes; an empty list becomes `items: null`; asking for `spec` and a
 * part of it fails, as it does at random in Argo CD; `status.operationState.operation.sync` carries the sync *result*.
 */
export function projectList(items: readonly JsonObject[], metadata: JsonObject, fields: string): Projection {
  const exclude = fields.startsWith('-');
  const named = (exclude ? fields.slice(1) : fields).split(',').map((field) => field.trim());
  const asked = new Set(named.filter((f) => f.startsWith('items.')).map((f) => f.slice('items.'.length)));
  const chosen = LIST_FIELDS.filter((field) => asked.has(field) !== exclude);
  const clashes = chosen.includes('spec') && chosen.some((field) => field.startsWith('spec.'));
  if (clashes && items.length > 0) return { kind: 'fault', message: 'field spec is not a map' };
  const cut = items.map((item) => projectItem(item, chosen));
  return { kind: 'list', body: { items: cut.length === 0 ? null : cut, metadata } };
}

function projectItem(item: JsonObject, fields: readonly string[]): JsonObject {
  const cut: JsonObject = {};
  for (const field of fields) {
    const path = field === 'status.operationState.operation.sync' ? 'status.operationState.syncResult' : field;
    const value = valueAt(item, ...path.split('.'));
    if (value !== undefined) place(cut, field.split('.'), value);
  }
  return cut;
}

function place(into: JsonObject, path: readonly string[], value: unknown): void {
  const [first, ...rest] = path;
  if (first === undefined) return;
  if (rest.length === 0) into[first] = value;
  else {
    const next = into[first];
    const inner: JsonObject = isJsonObject(next) ? next : {};
    into[first] = inner;
    place(inner, rest, value);
  }
}
