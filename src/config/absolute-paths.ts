import path from 'node:path';
import type { OperatorConfig } from './operator-config.js';

/** Keys that hold a path: `killFile`, everything ending in `File`, and the audit folder. */
const isPathKey = (key: string): boolean => key === 'directory' || key.endsWith('File');

/** The same configuration with every path absolute: the daemon may not depend on where it was started. */
export function absolutePaths(sections: Partial<OperatorConfig>, workingDirectory: string): Partial<OperatorConfig> {
  const { killFile, ...rest } = sections;
  const places = ['argocd', 'github', 'kubernetes', 'prometheus', 'store', 'bus', 'audit', 'http', 'notify'];
  const entries = Object.entries(rest).map(([key, value]) => [
    key,
    places.includes(key) ? resolved(value, workingDirectory) : value,
  ]);
  return {
    ...(Object.fromEntries(entries) as Partial<OperatorConfig>),
    ...(killFile === undefined ? {} : { killFile: path.resolve(workingDirectory, killFile) }),
  };
}

function resolved(value: unknown, workingDirectory: string): unknown {
  if (Array.isArray(value)) return value.map((item) => resolved(item, workingDirectory));
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      typeof inner === 'string' && isPathKey(key)
        ? path.resolve(workingDirectory, inner)
        : resolved(inner, workingDirectory),
    ]),
  );
}
