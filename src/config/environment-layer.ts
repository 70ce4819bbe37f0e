import { Secret } from '../base/secret.js';
import type { Fault } from './faults.js';
import { KEY_TREE, leaves, VARIABLE_PREFIX, type KeyNode } from './key-tree.js';
import { fitKeys } from './known-keys.js';
import { nearestKey } from './nearest-key.js';
import { SECRET_KEYS, type SecretKey } from './secret-keys.js';

/** What the environment variables say. */
export interface EnvironmentLayer {
  /** By name of the variable: values as the file would hold them. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly secrets: readonly (SecretKey & { readonly secret: Secret })[];
  readonly faults: readonly Fault[];
}

/** Kubernetes sets these for every Service of the namespace, `ai-operator` and `ai-operator-metrics` among them. */
const SERVICE_LINK =
  /^AI_OPERATOR_(?:[A-Z0-9]+_)*(?:SERVICE_(?:HOST|PORT(?:_[A-Z0-9]+)*)|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$/;

/** Not configuration: where the command line finds the operator and its token, and what the image says of its build. */
const OTHER_VARIABLES: ReadonlySet<string> = new Set([
  'AI_OPERATOR_SERVER',
  'AI_OPERATOR_TOKEN_FILE',
  'AI_OPERATOR_BUILD_COMMIT',
]);

/** Where a test lets the process die; anywhere else it is as unknown as any. */
const isFailpoint = (variable: string, env: NodeJS.ProcessEnv): boolean =>
  variable === 'AI_OPERATOR_FAILPOINT' && env['NODE_ENV'] === 'test';

/** Reads `AI_OPERATOR_*`; an unknown one is a fault, since a switch that is not heard is worse than no start. */
export function readEnvironment(env: NodeJS.ProcessEnv): EnvironmentLayer {
  const nodes = new Map(leaves(KEY_TREE).map((leaf) => [leaf.variable, leaf]));
  const values: Record<string, unknown> = {};
  const secrets: EnvironmentLayer['secrets'][number][] = [];
  const faults: Fault[] = [];
  for (const [variable, text] of Object.entries(env).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (!variable.startsWith(VARIABLE_PREFIX) || OTHER_VARIABLES.has(variable) || text === undefined) continue;
    if (isFailpoint(variable, env)) continue;
    const node = nodes.get(variable);
    const secretKey = SECRET_KEYS.find((s) => s.variable === variable);
    const fault = (message: string): void => {
      const path = node?.path ?? (secretKey === undefined ? [] : [secretKey.section, secretKey.key]);
      faults.push({ path, place: { kind: 'variable', variable }, message });
    };
    if (node === undefined && secretKey === undefined) {
      if (!SERVICE_LINK.test(variable)) fault(unknownVariable(variable, [...nodes.keys()]));
    } else if (text.trim() === '') {
      fault('is empty; give it a value or unset it');
    } else if (secretKey !== undefined) {
      secrets.push({ ...secretKey, secret: new Secret(text.trim()) });
    } else if (node !== undefined) {
      const read = readValue(text.trim(), node);
      if ('message' in read) fault(read.message);
      else values[variable] = fitted(read.value, node, faults, variable);
    }
  }
  return { values, secrets, faults };
}

function fitted(value: unknown, node: KeyNode, faults: Fault[], variable: string): unknown {
  const fit = fitKeys(value, node, node.path);
  faults.push(...fit.faults.map((f): Fault => ({ ...f, place: { kind: 'variable', variable } })));
  return fit.value;
}

/** convict would take `0`, `no` and the empty text for true and `12abc` for 12, so it never sees the text. */
function readValue(text: string, { kind }: KeyNode): { readonly value: unknown } | { readonly message: string } {
  switch (kind) {
    case 'switch':
      if (text === 'true' || text === 'false') return { value: text === 'true' };
      return { message: `\`${text}\` is not a switch; write true or false` };
    case 'number':
      if (/^-?\d{1,15}$/.test(text)) return { value: Number(text) };
      return { message: `\`${text}\` is not a whole number` };
    case 'list':
      return text.startsWith('[') ? readJson(text) : { value: text.split(',').map((part) => part.trim()) };
    case 'text':
    case 'group':
      return { value: text };
  }
}
function readJson(text: string): { readonly value: unknown } | { readonly message: string } {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return { message: 'begins like a JSON list but is none; write for instance `["a", "b"]` or `a,b`' };
  }
}

function unknownVariable(variable: string, known: readonly string[]): string {
  const near = nearestKey(variable, [...known, ...SECRET_KEYS.map((s) => s.variable)]);
  const hint =
    near === undefined
      ? 'nesting is a double underscore, as in `AI_OPERATOR_ARGOCD__URL`'
      : `did you mean \`${near}\`?`;
  return `unknown variable; ${hint}`;
}
