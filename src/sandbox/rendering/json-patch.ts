import { canonicalJson } from '../../base/hash.js';
import { isJsonObject } from '../json-path.js';
import type { JsonObject } from '../json-path.js';
import { RenderFailure } from './render-failure.js';

/** Applies an RFC 6902 patch to a copy. Throws RenderFailure for a path that is not there or an unknown operation. */
export function applyJsonPatch(target: JsonObject, operations: readonly unknown[]): JsonObject {
  let document: unknown = structuredClone(target);
  for (const operation of operations) {
    if (!isJsonObject(operation)) throw new RenderFailure('json patch: an operation is not an object');
    document = applyOperation(document, operation);
  }
  if (!isJsonObject(document)) throw new RenderFailure('json patch: the result is not an object');
  return document;
}

function applyOperation(document: unknown, operation: JsonObject): unknown {
  const path = pointer(operation['path']);
  const value = operation['value'];
  switch (operation['op']) {
    case 'add':
      return write(document, path, structuredClone(value), 'add');
    case 'replace':
      read(document, path);
      return write(document, path, structuredClone(value), 'replace');
    case 'remove':
      return remove(document, path);
    case 'test':
      if (canonicalJson(read(document, path)) !== canonicalJson(value)) {
        throw new RenderFailure(`json patch: test failed at ${String(operation['path'])}`);
      }
      return document;
    case 'copy':
      return write(document, path, structuredClone(read(document, pointer(operation['from']))), 'add');
    case 'move': {
      const from = pointer(operation['from']);
      const moved = read(document, from);
      return write(remove(document, from), path, moved, 'add');
    }
    default:
      throw new RenderFailure(`json patch: unexpected kind: ${String(operation['op'])}`);
  }
}

function pointer(value: unknown): readonly string[] {
  if (typeof value !== 'string' || (value !== '' && !value.startsWith('/'))) {
    throw new RenderFailure(`json patch: "${String(value)}" is not a JSON pointer`);
  }
  const parts = value.split('/').slice(1);
  return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function read(document: unknown, path: readonly string[]): unknown {
  let here = document;
  for (const key of path) {
    const next: unknown = Array.isArray(here) ? here[Number(key)] : isJsonObject(here) ? here[key] : undefined;
    if (next === undefined) throw new RenderFailure(`json patch: missing path: /${path.join('/')}`);
    here = next;
  }
  return here;
}

function write(document: unknown, path: readonly string[], value: unknown, how: 'add' | 'replace'): unknown {
  const key = path.at(-1);
  if (key === undefined) return value;
  const parent = read(document, path.slice(0, -1));
  if (Array.isArray(parent)) {
    const index = key === '-' ? parent.length : Number(key);
    if (!Number.isInteger(index) || index < 0 || index > parent.length) {
      throw new RenderFailure(`json patch: invalid index: /${path.join('/')}`);
    }
    parent.splice(index, how === 'add' ? 0 : 1, value);
  } else if (isJsonObject(parent)) parent[key] = value;
  else throw new RenderFailure(`json patch: missing path: /${path.join('/')}`);
  return document;
}

function remove(document: unknown, path: readonly string[]): unknown {
  read(document, path);
  const key = path.at(-1);
  const parent = read(document, path.slice(0, -1));
  if (key === undefined) throw new RenderFailure('json patch: the root cannot be removed');
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else if (isJsonObject(parent)) delete parent[key];
  return document;
}
