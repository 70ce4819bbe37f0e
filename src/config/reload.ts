import { Secret } from '../base/secret.js';
import type { OperatorConfig } from './operator-config.js';

/** What differs between two configurations, as keys such as `timing.syncTimeout` (lists are one key). */
export interface ConfigChanges {
  /** Can only take effect by a restart; a reload that holds one of these keeps the old values of all of them. */
  readonly needRestart: readonly string[];
  /** Take effect by the reload: what is stricter at once, what is looser for new attempts. */
  readonly live: readonly string[];
}

/** Sections that are built into connections, files and listeners at the start. */
const FIXED: ReadonlySet<string> = new Set([
  'instance',
  'development',
  'argocd',
  'github',
  'kubernetes',
  'prometheus',
  'store',
  'bus',
  'audit',
  'killFile',
  'http',
  'httpMetrics',
  'notify',
]);

/** Compares a running configuration with a reloaded one. */
export function configChanges(running: OperatorConfig, reloaded: OperatorConfig): ConfigChanges {
  const before = flatten(running, '');
  const after = flatten(reloaded, '');
  const keys = [...new Set([...before.keys(), ...after.keys()])].filter((key) => before.get(key) !== after.get(key));
  const fixed = (key: string): boolean => FIXED.has(key.split('.')[0] ?? '') || key === 'log.format';
  return { needRestart: keys.filter(fixed), live: keys.filter((key) => !fixed(key)) };
}

/** The configuration that is in force after a reload: the new one, but for what needs a restart. */
export function afterReload(running: OperatorConfig, reloaded: OperatorConfig): OperatorConfig {
  const kept = Object.entries(running).filter(([section]) => FIXED.has(section));
  const { prometheus: _, ...rest } = reloaded;
  const log = Object.freeze({ ...reloaded.log, format: running.log.format });
  return Object.freeze({ ...rest, ...(Object.fromEntries(kept) as Partial<OperatorConfig>), log });
}

function flatten(value: unknown, key: string): ReadonlyMap<string, string> {
  if (value instanceof Secret) return new Map([[key, value.reveal()]]);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return new Map([[key, JSON.stringify(value)]]);
  return new Map(
    Object.entries(value).flatMap(([name, inner]) => [...flatten(inner, key === '' ? name : `${key}.${name}`)]),
  );
}
