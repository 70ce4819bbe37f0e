import { parseAllDocuments } from 'yaml';
import { isJsonObject, stringAt, valueAt } from '../json-path.js';
import type { JsonObject } from '../json-path.js';
import { RenderFailure } from './render-failure.js';

/** All documents of a YAML or JSON file, empty ones left out. Throws RenderFailure when one is not well formed. */
export function parseDocuments(text: string, path: string): readonly unknown[] {
  const documents = parseAllDocuments(text);
  const values: unknown[] = [];
  for (const document of documents) {
    const [fault] = document.errors;
    if (fault) throw new RenderFailure(`Failed to unmarshal "${path}": ${fault.message}`, { cause: fault });
    const value: unknown = document.toJS();
    if (value !== null && value !== undefined) values.push(value);
  }
  return values;
}

/**
 * The Kubernetes objects of a file; a `List` is opened. Throws RenderFailure for anything without kind, apiVersion and
 * name.
 */
export function parseManifests(text: string, path: string): readonly JsonObject[] {
  return parseDocuments(text, path).flatMap((value) => openList(value, path));
}

function openList(value: unknown, path: string): readonly JsonObject[] {
  if (!isJsonObject(value)) throw new RenderFailure(`Failed to unmarshal "${path}": a document is not an object`);
  const kind = stringAt(value, 'kind');
  if (kind === undefined || kind === '') {
    throw new RenderFailure(`Failed to unmarshal "${path}": Object 'Kind' is missing`);
  }
  const items = valueAt(value, 'items');
  if (kind.endsWith('List') && Array.isArray(items)) return items.flatMap((item) => openList(item, path));
  if (stringAt(value, 'apiVersion') === undefined) {
    throw new RenderFailure(`Failed to unmarshal "${path}": Object 'apiVersion' is missing`);
  }
  if (stringAt(value, 'metadata', 'name') === undefined) {
    throw new RenderFailure(`Failed to unmarshal "${path}": resource name may not be empty`);
  }
  return [value];
}
