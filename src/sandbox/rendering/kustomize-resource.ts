import { groupOf, objectAt, stringAt, versionOf } from '../json-path.js';
import type { JsonObject } from '../json-path.js';
import type { PatchTarget } from './kustomization.js';

/** Kinds whose names kustomize never prefixes. */
const UNPREFIXED: readonly string[] = ['CustomResourceDefinition', 'APIService', 'Namespace'];

/** A manifest on its way through a build, with every name it has had: patches may address any of them. */
export interface KustomizeResource {
  readonly manifest: JsonObject;
  readonly names: readonly string[];
}

/** `metadata.name`; empty when it has none. */
export const nameOf = (manifest: JsonObject): string => stringAt(manifest, 'metadata', 'name') ?? '';

/** What must be unique within a build: version, kind, namespace and name. */
export function resourceId(manifest: JsonObject): string {
  const namespace = stringAt(manifest, 'metadata', 'namespace') ?? '';
  return `${stringAt(manifest, 'apiVersion')}|${stringAt(manifest, 'kind')}|${namespace}|${nameOf(manifest)}`;
}

/**
 * Does a patch target mean this resource? Kind, group, version and name are anchored patterns; absent ones match all.
 */
export function isTargeted(resource: KustomizeResource, target: PatchTarget): boolean {
  const apiVersion = stringAt(resource.manifest, 'apiVersion') ?? '';
  const matches = (pattern: string | undefined, value: string): boolean =>
    pattern === undefined || new RegExp(`^(?:${pattern})$`).test(value);
  return (
    matches(target.group, groupOf(apiVersion)) &&
    matches(target.version, versionOf(apiVersion)) &&
    matches(target.kind, stringAt(resource.manifest, 'kind') ?? '') &&
    matches(target.namespace, stringAt(resource.manifest, 'metadata', 'namespace') ?? '') &&
    [nameOf(resource.manifest), ...resource.names].some((name) => matches(target.name, name))
  );
}

/** Does `namePrefix` apply to objects of this kind? */
export function isPrefixed(manifest: JsonObject): boolean {
  return !UNPREFIXED.includes(stringAt(manifest, 'kind') ?? '');
}

/** A copy under another name. */
export function withName(manifest: JsonObject, name: string): JsonObject {
  return { ...manifest, metadata: { ...objectAt(manifest, 'metadata'), name } };
}
