import type { z } from 'zod';
import { SECTIONS } from './schema.js';

/** A key of the file as people count them: a group of keys, or a value (a list is one value). */
export interface KeyNode {
  /** From the top, for instance `['timing', 'syncTimeout']`. */
  readonly path: readonly string[];
  /** The environment variable that sets it; groups have none. */
  readonly variable: string;
  readonly kind: 'group' | 'text' | 'number' | 'switch' | 'list';
  /** As it would be written in the file; undefined = none. */
  readonly standard: unknown;
  /** A group that may be absent as a whole: its standards count only when it is there. */
  readonly optional: boolean;
  readonly description: string;
  readonly children: ReadonlyMap<string, KeyNode>;
  /** What a list is made of, when that are groups. */
  readonly item?: KeyNode;
}

export const VARIABLE_PREFIX = 'AI_OPERATOR_';
/** `argocd.tokenFile` is `AI_OPERATOR_ARGOCD__TOKEN_FILE`; `timing.CI_WAIT_TIMEOUT` is `AI_OPERATOR_TIMING__CI_WAIT_TIMEOUT`. */
export const variableOf = (path: readonly string[]): string =>
  VARIABLE_PREFIX + path.map((key) => key.replaceAll(/([a-z\d])([A-Z])/g, '$1_$2').toUpperCase()).join('__');

/** What the walk needs to know of a zod schema's inside. */
interface SchemaDefinition {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly element?: z.ZodType;
  readonly defaultValue?: unknown;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
}
const definition = (schema: z.ZodType): SchemaDefinition => schema.def as SchemaDefinition;

function node(path: readonly string[], schema: z.ZodType): KeyNode {
  let inner = schema;
  let standard: unknown;
  let optional = false;
  let description = '';
  for (;;) {
    description ||= inner.description ?? '';
    const { type, innerType, in: input, defaultValue } = definition(inner);
    if (type === 'default' || type === 'prefault') standard ??= defaultValue;
    if (type === 'optional') optional = true;
    const next = innerType ?? (type === 'pipe' ? input : undefined);
    if (next === undefined) break;
    inner = next;
  }
  const { type, shape, element } = definition(inner);
  const item = element === undefined ? undefined : node(path, element);
  const children = Object.entries(shape ?? {}).map(([key, child]) => [key, node([...path, key], child)] as const);
  const kind = kindOf(type);
  return {
    path,
    variable: kind === 'group' ? '' : variableOf(path),
    kind,
    standard: kind === 'group' ? undefined : standard,
    optional,
    description,
    children: new Map(children),
    ...(item?.kind === 'group' ? { item } : {}),
  };
}

function kindOf(type: string): KeyNode['kind'] {
  if (type === 'object') return 'group';
  if (type === 'array') return 'list';
  if (type === 'number' || type === 'int') return 'number';
  return type === 'boolean' ? 'switch' : 'text';
}

/** The top of the file. */
export const KEY_TREE: KeyNode = {
  path: [],
  variable: '',
  kind: 'group',
  standard: undefined,
  optional: false,
  description: '',
  children: new Map(Object.entries(SECTIONS).map(([key, schema]) => [key, node([key], schema)])),
};

/** Every value of the tree, in the order of the file. */
export const leaves = (from: KeyNode): readonly KeyNode[] =>
  [...from.children.values()].flatMap((child) => (child.kind === 'group' ? leaves(child) : [child]));

/** The node at a path; undefined = no such key (or inside a list). */
export function findKey(path: readonly (string | number)[]): KeyNode | undefined {
  let at: KeyNode | undefined = KEY_TREE;
  for (const step of path) at = at?.children.get(String(step));
  return at;
}
