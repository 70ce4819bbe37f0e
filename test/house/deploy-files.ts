import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { loadConfig, type LoadedConfig } from '../../src/config/load-config.js';

/** What a manifest holds. */
export type Json = Readonly<Record<string, unknown>>;
/** A member somewhere below, by its path: `spec.template.0.name`. */
export const at = (value: unknown, members: string): unknown =>
  members.split('.').reduce<unknown>((inner, key) => (inner as Json | undefined)?.[key], value);
export const list = (value: unknown): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : []);
/** As kubectl reads it: YAML 1.1, in which 0440 is octal. */
export const read = (file: string): Json => parse(readFileSync(file, 'utf8'), { version: '1.1' }) as Json;

export const OVERLAYS = ['staging', 'production'] as const;
/** Every folder that is built by itself. */
export const KUSTOMIZATIONS = ['base', 'application-namespace', ...OVERLAYS.map((o) => `overlays/${o}`)].map(
  (f) => `deploy/${f}`,
);
export const base = (name: string): Json => read(`deploy/base/${name}.yaml`);
export const DEPLOYMENT = base('deployment');
export const POD = at(DEPLOYMENT, 'spec.template.spec') as Json;
export const [CONTAINER = {}] = list(POD['containers']);

/** What a kustomization may say: `built` knows what each does, and anything else (a patch above all) is refused. */
const KNOWN_KEYS = [
  'apiVersion',
  'kind',
  'namespace',
  'resources',
  'components',
  'images',
  'labels',
  'configMapGenerator',
];
/** The manifests of a kustomization as kustomize builds them, but for labels and generated names. */
export function built(folder: string): readonly Json[] {
  const kustomization = read(path.join(folder, 'kustomization.yaml'));
  const unknown = Object.keys(kustomization).filter((key) => !KNOWN_KEYS.includes(key));
  if (unknown.length > 0) throw new Error(`${folder}: what ${unknown.join(', ')} would change is not known here`);
  const { resources = [], components = [], namespace } = kustomization as Readonly<Record<string, readonly string[]>>;
  const manifests = [...resources, ...components].flatMap((name) => {
    const file = path.join(folder, name);
    return name.endsWith('.yaml') ? [read(file)] : built(file);
  });
  const images = list(kustomization['images']);
  return manifests.map((manifest) => inNamespace(withImages(manifest, images), namespace));
}
const inNamespace = (manifest: Json, namespace: unknown): Json =>
  namespace === undefined || manifest['kind'] === 'Namespace'
    ? manifest
    : { ...manifest, metadata: { ...(manifest['metadata'] as Json), namespace } };
function withImages(manifest: Json, images: readonly Json[]): Json {
  const text = JSON.stringify(manifest, (key, value: unknown) => {
    const image = key === 'image' ? images.find((i) => i['name'] === value) : undefined;
    return image === undefined ? value : `${String(image['newName'])}:${String(image['newTag'])}`;
  });
  return JSON.parse(text) as Json;
}

/** The configuration an overlay embeds, with a placeholder for every file it names; the place of secrets is a folder of ours. */
export function loadOverlay(overlay: (typeof OVERLAYS)[number]): LoadedConfig {
  const folder = mkdtempSync(path.join(tmpdir(), 'operator-deploy-'));
  try {
    const text = readFileSync(`deploy/overlays/${overlay}/config.yaml`, 'utf8').replaceAll(
      '/run/secrets/',
      `${folder}/`,
    );
    for (const file of namedFiles(text)) {
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, placeholder(file), { mode: 0o400 });
    }
    writeFileSync(path.join(folder, 'config.yaml'), text);
    return loadConfig({ file: path.join(folder, 'config.yaml'), env: {} });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
/** Every file that a configuration names as its input. */
export const namedFiles = (text: string): readonly string[] =>
  [...text.matchAll(/^[^#\n]*File: (\/[^\s,}]+)/gm)].map((m) => m[1] ?? '').filter((f) => !f.startsWith('/var/'));
function placeholder(file: string): string {
  if (file.endsWith('.crt')) return '-----BEGIN CERTIFICATE-----\n';
  if (/\.(?:pem|key)$/.test(file)) return '-----BEGIN PRIVATE KEY-----\n';
  return file.endsWith('url') ? 'https://hooks.example.org/x\n' : 'placeholder\n';
}
