import { stringify } from 'yaml';
import { isSecretKey, REDACTED, redactText } from '../base/redact.js';
import { placeText, written, type KeyPath } from './faults.js';
import { KEY_TREE, type KeyNode } from './key-tree.js';
import type { LoadedConfig } from './load-config.js';
import type { OperatorConfig } from './operator-config.js';
import { SECRET_KEYS, type SecretKey } from './secret-keys.js';

/** One value of the configuration in force and where it comes from. */
export interface ConfigEntry {
  /** `timing.syncTimeout`. */
  readonly key: string;
  /** As it would be written; secrets redacted. */
  readonly value: unknown;
  /** `default`, `prod.yaml:12:3`, `AI_OPERATOR_HTTP__PORT`, `--log-level`; with `, secret file` where the value names one. */
  readonly origin: string;
}

/** Every value in the order of the documentation, secrets redacted. */
export function describeConfig(loaded: LoadedConfig): readonly ConfigEntry[] {
  return [...KEY_TREE.children].flatMap(([section, node]) => [
    ...entriesOf(node, loaded.values[section], loaded),
    ...SECRET_KEYS.filter((s) => s.section === section).flatMap((s) => secretEntry(s, loaded)),
  ]);
}
function secretEntry({ section, key }: SecretKey, loaded: LoadedConfig): readonly ConfigEntry[] {
  const settings: Readonly<Record<string, unknown>> = { ...loaded.config[section] };
  if (settings[key] === undefined) return [];
  return [{ key: `${section}.${key}`, value: REDACTED, origin: originOf([section, key], loaded) }];
}

function entriesOf(node: KeyNode, value: unknown, loaded: LoadedConfig): readonly ConfigEntry[] {
  if (node.kind !== 'group') {
    const inForce = value ?? derived(node.path, loaded.config);
    if (inForce === undefined) return [];
    return [
      {
        key: written(node.path),
        value: node.path[0] === 'notify' ? withoutPaths(redacted(inForce)) : redacted(inForce),
        origin: originOf(node.path, loaded),
      },
    ];
  }
  if (value === undefined && node.optional) return [];
  return [...node.children].flatMap(([key, child]) =>
    entriesOf(child, (value as Record<string, unknown> | undefined)?.[key], loaded),
  );
}

/** Standards that follow from other keys. */
function derived(path: readonly string[], { github, http, kubernetes }: OperatorConfig): unknown {
  switch (written(path)) {
    case 'github.apiUrl':
      return github.apiUrl;
    case 'http.host':
      return http.host;
    case 'kubernetes.inCluster':
      return 'inCluster' in kubernetes ? true : undefined;
    default:
      return undefined;
  }
}

function originOf(path: KeyPath, { placeOf }: LoadedConfig): string {
  const place = placeOf(path);
  const origin = place === undefined ? 'default' : placeText(place);
  return /^(?:token|tokens|privateKey|url|kubeconfig)File$/.test(String(path.at(-1)))
    ? `${origin}, secret file`
    : origin;
}

function redacted(value: unknown, key = ''): unknown {
  if (isSecretKey(key)) return REDACTED;
  if (typeof value === 'string') return redactText(value);
  if (Array.isArray(value)) return value.map((item) => redacted(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, redacted(inner, name)]));
}

/** Who knows the address of a webhook can write to the chat behind it. */
const withoutPaths = (webhooks: unknown): unknown =>
  (webhooks as readonly Record<string, unknown>[]).map((webhook) =>
    typeof webhook['url'] === 'string' ? { ...webhook, url: `${new URL(webhook['url']).origin}/${REDACTED}` } : webhook,
  );

/** The same as YAML, each value with its origin behind it: what `config print` shows. */
export function describeConfigYaml(loaded: LoadedConfig): string {
  const lines: string[] = [];
  let above: readonly string[] = [];
  for (const { key, value, origin } of describeConfig(loaded)) {
    const path = key.split('.');
    const groups = path.slice(0, -1);
    groups.forEach((group, depth) => {
      if (!groups.slice(0, depth + 1).every((step, i) => above[i] === step))
        lines.push(`${'  '.repeat(depth)}${group}:`);
    });
    above = groups;
    lines.push(...valueLines(path, value, origin));
  }
  return `${lines.join('\n')}\n`;
}

function valueLines(path: readonly string[], value: unknown, origin: string): readonly string[] {
  const indent = '  '.repeat(path.length - 1);
  const head = `${indent}${path.at(-1)}:`;
  const hasGroups = Array.isArray(value) && value.some((item) => typeof item === 'object');
  const text = stringify(value, { lineWidth: 0, ...(hasGroups ? {} : { collectionStyle: 'flow' as const }) }).trimEnd();
  if (!hasGroups) return [`${head} ${text}  # ${origin}`];
  return [`${head}  # ${origin}`, ...text.split('\n').map((line) => `${indent}  ${line}`)];
}
