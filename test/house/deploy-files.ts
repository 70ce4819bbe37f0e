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
