import { isJsonObject } from '../json-path.js';
import type { JsonObject } from '../json-path.js';

/** Lists that merge element by element, with the key that names an element (Kubernetes `patchMergeKey`). */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  ephemeralContainers: 'name',
  env: 'name',
  volumes: 'name',
  volumeMounts: 'mountPath',
  volumeDevices: 'devicePath',
  ports: 'containerPort',
  imagePullSecrets: 'name',
  hostAliases: 'ip',
  topologySpreadConstraints: 'topologyKey',
};
/** `ports` of a Service merge by `port`, those of a container by `containerPort`. */
const SERVICE_PORT_KEY = 'port';

/**
 * A Kubernetes strategic merge patch: objects merge, `null` deletes, lists of named things merge by their name,
 * other lists are replaced; `$patch: delete` and `$patch: replace` are obeyed. Neither argument is changed.
 */
export function strategicMerge(target: JsonObject, patch: JsonObject): JsonObject {
  if (patch['$patch'] === 'replace') return withoutDirective(patch);
  const merged: JsonObject = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    if (key === '$patch') continue;
    if (value === null) delete merged[key];
    else merged[key] = mergeValue(key, merged[key], value);
  }
  return merged;
}

function mergeValue(key: string, before: unknown, patch: unknown): unknown {
  if (isJsonObject(patch)) return strategicMerge(isJsonObject(before) ? before : {}, patch);
  if (Array.isArray(patch)) return mergeList(key, Array.isArray(before) ? before : [], patch);
  return patch;
}

function mergeList(key: string, before: readonly unknown[], patch: readonly unknown[]): readonly unknown[] {
  const mergeKey = mergeKeyOf(key, [...patch, ...before]);
  if (mergeKey === undefined) return patch;
  const isSame = (a: unknown, b: JsonObject): boolean => isJsonObject(a) && a[mergeKey] === b[mergeKey];
  let merged = [...before];
  const added: unknown[] = [];
  for (const element of patch.filter(isJsonObject)) {
    if (element['$patch'] === 'replace' && element[mergeKey] === undefined) {
      merged = [];
    } else if (element['$patch'] === 'delete') {
      merged = merged.filter((one) => !isSame(one, element));
    } else {
      const at = merged.findIndex((one) => isSame(one, element));
      if (at < 0) added.push(strategicMerge({}, element));
      else merged[at] = strategicMerge(merged[at] as JsonObject, element);
    }
  }
  // kustomize puts what a patch adds in front of what was there
  return [...added, ...merged];
}

function mergeKeyOf(key: string, elements: readonly unknown[]): string | undefined {
  const known = MERGE_KEYS[key];
  if (known === undefined) return undefined;
  const named = key === 'ports' && elements.some((e) => isJsonObject(e) && e[SERVICE_PORT_KEY] !== undefined);
  return named ? SERVICE_PORT_KEY : known;
}

function withoutDirective(patch: JsonObject): JsonObject {
  const { $patch: _directive, ...rest } = patch;
  return rest;
}
