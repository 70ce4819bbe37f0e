import { Secret } from '../base/secret.js';
import type { LoadedConfig } from './load-config.js';
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
  'tracing',
]);
/** The same for single keys of other sections. */
const FIXED_KEYS = [
  ['log', 'format'],
  ['timing', 'MCP_RETRY_COUNT'],
  ['timing', 'MCP_RETRY_BACKOFF'],
] as const;

const isFixed = (path: readonly (string | number)[]): boolean =>
  FIXED.has(String(path[0])) || FIXED_KEYS.some(([section, key]) => path[0] === section && path[1] === key);

/** Compares a running configuration with a reloaded one. */
export function configChanges(running: OperatorConfig, reloaded: OperatorConfig): ConfigChanges {
  const before = flatten(running, '');
  const after = flatten(reloaded, '');
  const keys = [...new Set([...before.keys(), ...after.keys()])].filter((key) => before.get(key) !== after.get(key));
  const fixed = (key: string): boolean => isFixed(key.split('.'));
  return { needRestart: keys.filter(fixed), live: keys.filter((key) => !fixed(key)) };
}

/** The configuration that is in force after a reload: the new one, but for what needs a restart. */
export function afterReload(running: OperatorConfig, reloaded: OperatorConfig): OperatorConfig {
  const { MCP_RETRY_COUNT, MCP_RETRY_BACKOFF } = running.timing;
  return Object.freeze({
    ...withoutFixed(reloaded),
    ...onlyFixed(running),
    log: Object.freeze({ ...reloaded.log, format: running.log.format }),
    timing: Object.freeze({ ...reloaded.timing, MCP_RETRY_COUNT, MCP_RETRY_BACKOFF }),
  });
}

/** The same with what is shown of it: values and where they come from. */
export function loadedAfterReload(running: LoadedConfig, reloaded: LoadedConfig): LoadedConfig {
  const values: Record<string, unknown> = { ...withoutFixed(reloaded.values), ...onlyFixed(running.values) };
  for (const [section, key] of FIXED_KEYS) values[section] = keeping(values[section], running.values[section], key);
  return {
    config: afterReload(running.config, reloaded.config),
    warnings: reloaded.warnings,
    values,
    placeOf: (path) => (isFixed(path) ? running : reloaded).placeOf(path),
  };
}
function keeping(section: unknown, running: unknown, key: string): unknown {
  const { [key]: _new, ...rest } = (section ?? {}) as Readonly<Record<string, unknown>>;
  const old = (running ?? {}) as Readonly<Record<string, unknown>>;
  return key in old ? { ...rest, [key]: old[key] } : rest;
}
const pick = <T extends object>(sections: T, keep: (section: string) => boolean): T =>
  Object.fromEntries(Object.entries(sections).filter(([section]) => keep(section))) as T;
const onlyFixed = <T extends object>(sections: T): T => pick(sections, (section) => FIXED.has(section));
const withoutFixed = <T extends object>(sections: T): T => pick(sections, (section) => !FIXED.has(section));

function flatten(value: unknown, key: string): ReadonlyMap<string, string> {
  if (value instanceof Secret) return new Map([[key, value.reveal()]]);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return new Map([[key, JSON.stringify(value)]]);
  return new Map(
    Object.entries(value).flatMap(([name, inner]) => [...flatten(inner, key === '' ? name : `${key}.${name}`)]),
  );
}
