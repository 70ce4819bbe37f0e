import { isSecretKey } from '../base/redact.js';
import { written, type KeyPath } from './faults.js';
import { KEY_TREE, leaves, type KeyNode } from './key-tree.js';
import { nearestKey } from './nearest-key.js';
import { shown } from './scalars.js';
import { LATER_KEYS } from './schema-store-and-bus.js';
import { SECRET_KEYS } from './secret-keys.js';

/** A fault whose place is not known yet. */
export interface KeyFault {
  readonly path: KeyPath;
  readonly message: string;
}
export interface Fitted {
  /** Groups, values and lists where the tree has them; what does not fit is left out. */
  readonly value: unknown;
  readonly faults: readonly KeyFault[];
}

/** Holds what was written against the tree of keys: unknown keys, keys without a value, values where groups belong. */
export function fitKeys(value: unknown, node: KeyNode = KEY_TREE, path: KeyPath = []): Fitted {
  if (value === null || value === undefined) return misfit(path, 'has no value; give it one or remove the key');
  if (node.kind === 'group') return fitGroup(value, node, path);
  if (node.kind === 'list' && Array.isArray(value)) return fitList(value, node, path);
  if (typeof value === 'object' && !Array.isArray(value))
    return misfit(path, `is a value, not a group of keys; write it like \`${exampleOf(node)}\``);
  return { value, faults: [] };
}

const misfit = (path: KeyPath, message: string): Fitted => ({ value: undefined, faults: [{ path, message }] });
function exampleOf({ kind, path, standard }: KeyNode): string {
  const value = kind === 'list' ? '[...]' : kind === 'number' ? '3' : kind === 'switch' ? 'false' : 'text';
  return `${path.at(-1)}: ${standard === undefined || kind === 'list' ? value : String(standard as string)}`;
}

function fitGroup(value: unknown, node: KeyNode, path: KeyPath): Fitted {
  const known = [...node.children.keys()];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return misfit(path, `${shown(value)} is not a group of keys; write below it: ${known.join(', ')}`);
  }
  const kept: [string, unknown][] = [];
  const faults: KeyFault[] = [];
  for (const [key, inner] of Object.entries(value)) {
    const child = node.children.get(key);
    const at = [...path, key];
    if (child === undefined) {
      const message = unknownKey(key, known, path);
      if (message !== undefined) faults.push({ path: at, message });
      continue;
    }
    const fitted = fitKeys(inner, child, at);
    faults.push(...fitted.faults);
    if (fitted.value !== undefined) kept.push([key, fitted.value]);
  }
  return { value: Object.fromEntries(kept), faults };
}

function fitList(values: readonly unknown[], { item }: KeyNode, path: KeyPath): Fitted {
  if (item === undefined) return { value: values, faults: [] };
  const fitted = values.map((value, i) => fitKeys(value, item, [...path, i]));
  // A misfit entry keeps its place, so that the numbers of the others stay true.
  return { value: fitted.map((f) => f.value), faults: fitted.flatMap((f) => f.faults) };
}

/** What to write instead of an unknown key; undefined = another fault says it already. */
function unknownKey(key: string, known: readonly string[], path: KeyPath): string | undefined {
  const full = written([...path, key]);
  const later = LATER_KEYS.get(full);
  if (later !== undefined) return later;
  if (isSecretKey(key)) return secretInline(key, known, path);
  const near = nearestKey(key, known);
  if (near !== undefined) return `unknown key; did you mean \`${near}\`?`;
  const elsewhere = leaves(KEY_TREE).filter((leaf) => leaf.path.at(-1) === key);
  const [only] = elsewhere;
  if (only !== undefined && elsewhere.length === 1) return `unknown key here; write it as \`${written(only.path)}\``;
  return `unknown key; known here: ${known.join(', ')}`;
}

function secretInline(key: string, known: readonly string[], path: KeyPath): string {
  const words = 'a secret does not belong into a configuration file';
  const file = `${key}File`;
  const variable = SECRET_KEYS.find((s) => written([s.section, s.key]) === written([...path, key]))?.variable;
  if (!known.includes(file)) return `${words}, and this key is unknown; known here: ${known.join(', ')}`;
  return `${words}; write \`${file}: PATH\`${variable === undefined ? '' : ` or set ${variable}`}`;
}
