import { type Refusal, refuse } from './refusal.js';
import { isMapping, readYaml } from './yaml-text.js';

/** What kustomize expects behind a reference. */
export type ReferenceTarget = 'file' | 'directory' | 'file-or-directory' | 'plugin-file';
/** One path a kustomization names, relative to its directory. */
export interface KustomizationReference {
  readonly field: string;
  readonly path: string;
  readonly target: ReferenceTarget;
}
export interface KustomizationReferences {
  readonly kind: 'references';
  readonly references: readonly KustomizationReference[];
}

type Found = readonly KustomizationReference[] | Refusal;
type Reader = (field: string, value: unknown) => Found;

const isInline = (text: string): boolean => text.includes('\n') || text.trimStart().startsWith('{');
const isFound = (found: Found): found is readonly KustomizationReference[] => Array.isArray(found);
const unexpected = (field: string): Refusal =>
  refuse('unreadable-yaml', `${field} is not what kustomize expects there`);

function collect(field: string, value: unknown, each: Reader): Found {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value)) return unexpected(field);
  const all: KustomizationReference[] = [];
  for (const [i, item] of (value as readonly unknown[]).entries()) {
    const found = each(`${field}[${i}]`, item);
    if (!isFound(found)) return found;
    all.push(...found);
  }
  return all;
}

const listOf =
  (each: Reader): Reader =>
  (field, value) =>
    collect(field, value, each);
/** A field that is absent or null says nothing, whatever it would mean otherwise. */
const optional =
  (read: Reader): Reader =>
  (field, value) =>
    value === null || value === undefined ? [] : read(field, value);
const pathTo =
  (target: ReferenceTarget): Reader =>
  (field, item) =>
    typeof item === 'string' && item !== '' ? [{ field, path: item, target }] : unexpected(field);
const fileList = listOf(pathTo('file'));
const oneFile: Reader = (field, item) => (item === '' ? [] : optional(pathTo('file'))(field, item));

/** `{path: file}`, the path being optional: patches, replacements, openapi. */
const pathOfMapping: Reader = (field, item) => {
  if (!isMapping(item)) return unexpected(field);
  const path = item['path'];
  if (path === undefined || path === null || path === '') return [];
  return typeof path === 'string' ? [{ field: `${field}.path`, path, target: 'file' }] : unexpected(field);
};

/** `file` or `key=file`. */
const keyedFile: Reader = (field, item) => {
  if (typeof item !== 'string') return unexpected(field);
  const path = item.slice(item.indexOf('=') + 1);
  return path === '' ? unexpected(field) : [{ field, path, target: 'file' }];
};

const generatorArguments: Reader = (field, item) => {
  if (!isMapping(item)) return unexpected(field);
  const files = collect(`${field}.files`, item['files'], keyedFile);
  const envs = fileList(`${field}.envs`, item['envs']);
  const env = oneFile(`${field}.env`, item['env']);
  if (!isFound(files)) return files;
  if (!isFound(envs)) return envs;
  return isFound(env) ? [...files, ...envs, ...env] : env;
};

/** A patch is a file, or the patch itself as text. */
const inlineOrFile: Reader = (field, item) => {
  if (typeof item !== 'string') return unexpected(field);
  return isInline(item) ? [] : [{ field, path: item, target: 'file' }];
};

const inlineOrPlugin: Reader = (field, item) => {
  if (typeof item !== 'string' || item === '') return unexpected(field);
  if (!isInline(item)) return [{ field, path: item, target: 'plugin-file' }];
  const inline = readPluginFile(field, item);
  return inline.kind === 'refusal' ? inline : inline.references;
};

const noFiles: Reader = () => [];
const charts = (field: string): Refusal => refuse('kustomize-helm-charts', `${field} inflates Helm charts`);

/** Every field of a Kustomization or Component (kustomize api/types). One that is not here may name files: refused. */
const FIELDS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ...['resources', 'bases'].map((field): [string, Reader] => [field, listOf(pathTo('file-or-directory'))]),
  ['components', listOf(pathTo('directory'))],
  ...['crds', 'configurations'].map((field): [string, Reader] => [field, fileList]),
  ['patchesStrategicMerge', listOf(inlineOrFile)],
  ...['patches', 'patchesJson6902', 'replacements'].map((field): [string, Reader] => [field, listOf(pathOfMapping)]),
  ...['configMapGenerator', 'secretGenerator'].map((field): [string, Reader] => [field, listOf(generatorArguments)]),
  ...['generators', 'transformers', 'validators'].map((field): [string, Reader] => [field, listOf(inlineOrPlugin)]),
  ['openapi', optional(pathOfMapping)],
  ...['helmCharts', 'helmGlobals', 'helmChartInflationGenerator'].map((f): [string, Reader] => [f, optional(charts)]),
  ...[
    'apiVersion',
    'kind',
    'metadata',
    'namePrefix',
    'nameSuffix',
    'namespace',
    'commonLabels',
    'labels',
    'commonAnnotations',
    'images',
    'imageTags',
    'replicas',
    'vars',
    'sortOptions',
    'generatorOptions',
    'inventory',
    'buildMetadata',
  ].map((field): [string, Reader] => [field, noFiles]),
]);

/** Fields by which kustomize's built-in generators and transformers name files. */
const BUILTIN_FIELDS: readonly (readonly [string, Reader])[] = [
  ['files', listOf(keyedFile)],
  ['envs', fileList],
  ['env', oneFile],
  ['paths', listOf(inlineOrFile)],
  ['replacements', listOf(pathOfMapping)],
];

function builtinReferences(label: string, document: Readonly<Record<string, unknown>>): Found {
  const own = pathOfMapping(label, document);
  if (!isFound(own)) return own;
  const all = [...own];
  for (const [field, read] of BUILTIN_FIELDS) {
    const found = read(`${label}.${field}`, document[field]);
    if (!isFound(found)) return found;
    all.push(...found);
  }
  return all;
}

/**
 * References in the configuration of a generator, transformer or validator. Only kustomize's own are followed:
 * others run code.
 */
export function readPluginFile(label: string, text: string): KustomizationReferences | Refusal {
  const reading = readYaml(text);
  if (reading.kind === 'unreadable') return refuse('unreadable-yaml', `${label}: ${reading.why}`);
  const references: KustomizationReference[] = [];
  for (const document of reading.documents) {
    if (!isMapping(document)) return refuse('unreadable-yaml', `${label}: a mapping is expected`);
    const kind = String(document['kind']);
    if (kind === 'HelmChartInflationGenerator') return charts(label);
    if (document['apiVersion'] !== 'builtin') {
      return refuse('kustomize-plugin', `${label} configures the plugin ${kind}`);
    }
    const found = builtinReferences(label, document);
    if (!isFound(found)) return found;
    references.push(...found);
  }
  return { kind: 'references', references };
}

/** Every path a kustomization file names, in the order of its fields; a refusal when it is not plain kustomize. */
export function readKustomization(label: string, text: string): KustomizationReferences | Refusal {
  const reading = readYaml(text);
  if (reading.kind === 'unreadable') return refuse('unreadable-yaml', `${label}: ${reading.why}`);
  const [document, ...more] = reading.documents;
  if (!isMapping(document) || more.length > 0) return refuse('unreadable-yaml', `${label}: one mapping is expected`);
  const references: KustomizationReference[] = [];
  for (const [field, value] of Object.entries(document)) {
    const read = FIELDS.get(field);
    if (!read) return refuse('closure-not-computable', `${label}: the field ${JSON.stringify(field)} is not known`);
    const found = read(`${label}: ${field}`, value);
    if (!isFound(found)) return found;
    references.push(...found);
  }
  return { kind: 'references', references };
}
