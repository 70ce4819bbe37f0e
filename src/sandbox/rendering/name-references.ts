import { isJsonObject, stringAt } from '../json-path.js';
import type { JsonObject } from '../json-path.js';

/**
 * Where objects name others, after the last two keys of the path (the usual part of kustomize's nameReference table).
 */
const REFERENCES: readonly { readonly kind: string; readonly holder: RegExp; readonly field: string }[] = [
  { kind: 'ConfigMap', holder: /^(?:configMapRef|configMapKeyRef|configMap)$/, field: 'name' },
  { kind: 'Secret', holder: /^(?:secretRef|secretKeyRef)$/, field: 'name' },
  { kind: 'Secret', holder: /^secret$/, field: 'secretName' },
  { kind: 'ServiceAccount', holder: /./, field: 'serviceAccountName' },
  { kind: 'PersistentVolumeClaim', holder: /^persistentVolumeClaim$/, field: 'claimName' },
  { kind: 'Service', holder: /^service$/, field: 'name' },
  { kind: 'Service', holder: /^spec$/, field: 'serviceName' },
];

/** The new name of an object, if it was renamed. */
export type Renamed = (kind: string, name: string) => string | undefined;

/** A copy of a manifest in which the names of renamed objects are followed. `metadata.name` itself is not touched. */
export function followRenames(manifest: JsonObject, renamed: Renamed): JsonObject {
  return walk('', manifest, renamed) as JsonObject;
}

function walk(holder: string, value: unknown, renamed: Renamed): unknown {
  if (Array.isArray(value)) return value.map((one) => walk(holder, one, renamed));
  if (!isJsonObject(value)) return value;
  const scaled = holder === 'scaleTargetRef' ? stringAt(value, 'kind') : undefined;
  const entries = Object.entries(value).map(([key, inner]): readonly [string, unknown] => {
    if (typeof inner !== 'string') return [key, walk(key, inner, renamed)];
    if (scaled !== undefined && key === 'name') return [key, renamed(scaled, inner) ?? inner];
    const reference = REFERENCES.find((one) => one.field === key && one.holder.test(holder));
    return [key, (reference && renamed(reference.kind, inner)) ?? inner];
  });
  return Object.fromEntries(entries);
}
