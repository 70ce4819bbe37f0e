import convict from 'convict';
import { KEY_TREE, type KeyNode } from './key-tree.js';

/** A value from the command line. */
export interface ConfigFlag {
  /** As typed, for messages: `--log-level`. */
  readonly flag: string;
  /** The key it sets: `log.level`. */
  readonly key: string;
  readonly value: string | number | boolean;
}
type Layer = Readonly<Record<string, unknown>>;

const AS_WRITTEN = 'as-written';
// convict's own formats turn `12abc` into 12 and `no` into true; zod judges the values afterwards.
convict.addFormat({ name: AS_WRITTEN, validate: () => undefined });

/** Defaults < file < environment variables < flags, as one tree of values as they would be written. */
export function mergeLayers(file: Layer, variables: Layer, flags: readonly ConfigFlag[]): Layer {
  // The values are converted already; convict passes on what is not a text.
  const env = variables as NodeJS.ProcessEnv;
  const layered = convict(convictSchema(KEY_TREE, false) as convict.Schema<Layer>, { env, args: [] });
  layered.load(file);
  for (const { key, value } of flags) layered.set(key, value);
  const merged = prune(layered.getProperties(), file) as Layer | undefined;
  return withStandards(merged ?? {}, KEY_TREE) as Layer;
}

/** Standards inside an optional group would make the group appear. */
function convictSchema(node: KeyNode, insideOptional: boolean): unknown {
  if (node.kind !== 'group') {
    return {
      default: insideOptional ? undefined : node.standard,
      format: AS_WRITTEN,
      env: node.variable,
      doc: node.description,
    };
  }
  const inside = insideOptional || node.optional;
  return Object.fromEntries([...node.children].map(([key, child]) => [key, convictSchema(child, inside)]));
}

/** convict lays out every group; those that nobody wrote go again. An empty one in the file stays: it lacks keys. */
function prune(value: unknown, inFile: unknown): unknown {
  if (!isGroup(value)) return value;
  const kept = Object.entries(value).flatMap(([key, inner]) => {
    const pruned = prune(inner, isGroup(inFile) ? inFile[key] : undefined);
    return pruned === undefined ? [] : [[key, pruned] as const];
  });
  return kept.length === 0 && !isGroup(inFile) ? undefined : Object.fromEntries(kept);
}
const isGroup = (value: unknown): value is Layer =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function withStandards(value: unknown, node: KeyNode): unknown {
  if (node.kind !== 'group') return value ?? node.standard;
  if (value === undefined && node.optional) return undefined;
  const group = isGroup(value) ? value : {};
  const entries = [...node.children].map(([key, child]) => [key, withStandards(group[key], child)] as const);
  const kept = entries.filter(([, inner]) => inner !== undefined);
  return kept.length === 0 ? value : Object.fromEntries(kept);
}
