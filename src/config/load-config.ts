import { OperatorError } from '../base/errors.js';
import type { Secret } from '../base/secret.js';
import { absolutePaths } from './absolute-paths.js';
import { checkFiles } from './check-files.js';
import { crossChecks } from './cross-checks.js';
import { readEnvironment, type EnvironmentLayer } from './environment-layer.js';
import { ConfigError, written, type Fault, type KeyPath, type Place } from './faults.js';
import { fitKeys, type KeyFault } from './known-keys.js';
import { mergeLayers, type ConfigFlag } from './layers.js';
import { findKey } from './key-tree.js';
import type { OperatorConfig } from './operator-config.js';
import { SECTIONS } from './schema.js';
import { parseYaml, readYamlFile, type YamlFile } from './yaml-file.js';

export interface ConfigInputs {
  /** The YAML file; absent = environment variables alone. */
  readonly file?: string;
  readonly env: NodeJS.ProcessEnv;
  readonly flags?: readonly ConfigFlag[];
  /** Relative paths start here; the process's own when absent. */
  readonly workingDirectory?: string;
  /** False = secret files are not looked at: for `config check` far from where they are. */
  readonly checkFiles?: boolean;
}
export interface LoadedConfig {
  /** Frozen to the bottom. */
  readonly config: OperatorConfig;
  /** What works but is probably not what was meant, one sentence each. */
  readonly warnings: readonly string[];
  /** The values as they would be written, standards included; for `config print`. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Where a value comes from; undefined = it is the standard. */
  readonly placeOf: (path: KeyPath) => Place | undefined;
}

/**
 * Defaults < YAML file < `AI_OPERATOR_*` < `*File` secrets < flags, validated as a whole.
 * Throws a `ConfigError` with every fault at once, or `CONFIG_UNREADABLE`.
 */
export function loadConfig(inputs: ConfigInputs): LoadedConfig {
  const workingDirectory = inputs.workingDirectory ?? process.cwd();
  const file = inputs.file === undefined ? parseYaml('', '') : readYamlFile(inputs.file, workingDirectory);
  if (file.faults.length > 0) throw new ConfigError(file.faults);
  const environment = readEnvironment(inputs.env);
  const flags = inputs.flags ?? [];
  checkFlags(flags);

  const fitted = fitKeys(file.content ?? {});
  if (fitted.value === undefined) throw new ConfigError(fitted.faults.map((f) => ({ ...f, place: file.near(f.path) })));
  const values = mergeLayers((fitted.value ?? {}) as Record<string, unknown>, environment.values, flags);
  const { sections, faults: schemaFaults } = parseSections(values, [...fitted.faults, ...environment.faults]);
  const withSecrets = absolutePaths(addSecrets(sections, environment.secrets), workingDirectory);
  const crossed = crossChecks(withSecrets);
  const files = inputs.checkFiles === false ? { faults: [], warnings: [] } : checkFiles(values, workingDirectory);

  const place = placer(file, environment, flags);
  const found = [...fitted.faults, ...schemaFaults, ...crossed.faults, ...files.faults];
  const faults: Fault[] = [...environment.faults, ...found.map((f) => ({ ...f, place: place.near(f.path) }))];
  if (faults.length > 0) throw new ConfigError(faults);
  return {
    config: deepFreeze(withSecrets as OperatorConfig),
    warnings: [...crossed.warnings, ...files.warnings],
    values,
    placeOf: (path) => place.of(path),
  };
}

/** Keys of the top, each as far as it is valid. */
export type ValidSections = Partial<OperatorConfig>;

/** Section by section, so that a fault in one does not hide those in another. */
function parseSections(
  values: Readonly<Record<string, unknown>>,
  known: readonly KeyFault[],
): { readonly sections: ValidSections; readonly faults: readonly KeyFault[] } {
  const entries: [string, unknown][] = [];
  const faults: KeyFault[] = [];
  for (const [section, schema] of Object.entries(SECTIONS)) {
    const result = schema.safeParse(values[section]);
    if (result.success) {
      if (result.data !== undefined) entries.push([section, result.data]);
      continue;
    }
    for (const issue of result.error.issues) {
      const path = [section, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))];
      // A value that was left out because of another fault is not missing too.
      if (!known.some((f) => f.path.length > 0 && (begins(path, f.path) || begins(f.path, path)))) {
        faults.push({ path, message: issue.message });
      }
    }
  }
  return { sections: Object.fromEntries(entries) as ValidSections, faults };
}
const begins = (path: KeyPath, start: KeyPath): boolean => start.every((step, i) => path[i] === step);

function addSecrets(sections: ValidSections, secrets: EnvironmentLayer['secrets']): ValidSections {
  const added = { ...sections } as Record<string, Record<string, Secret> | undefined>;
  for (const { section, key, secret } of secrets) {
    const group = added[section];
    if (group !== undefined) added[section] = { ...group, [key]: secret };
  }
  return added as ValidSections;
}

function checkFlags(flags: readonly ConfigFlag[]): void {
  for (const { flag, key } of flags) {
    const node = findKey(key.split('.'));
    if (node === undefined || node.kind === 'group') {
      throw new OperatorError(
        'FLAG_WITHOUT_KEY',
        'bug',
        `flag ${flag} sets ${key}, which is not a key of the configuration`,
      );
    }
  }
}

interface Placer {
  /** Where the value comes from; undefined = it is the standard. */
  of(path: KeyPath): Place | undefined;
  /** The same, or where the value belongs. */
  near(path: KeyPath): Place;
}
function placer(file: YamlFile, environment: EnvironmentLayer, flags: readonly ConfigFlag[]): Placer {
  const secretVariables = environment.secrets.map((s) => [written([s.section, s.key]), s.variable] as const);
  const of = (path: KeyPath): Place | undefined => {
    const outsideLists = path.filter((_, i) => !path.slice(0, i + 1).some((step) => typeof step === 'number'));
    const key = written(outsideLists);
    const flag = flags.findLast((f) => f.key === key);
    if (flag !== undefined) return { kind: 'flag', flag: flag.flag };
    const variable = findKey(outsideLists)?.variable ?? '';
    if (variable in environment.values) return { kind: 'variable', variable };
    const secret = secretVariables.find(([secretKey]) => secretKey === key)?.[1];
    if (secret !== undefined) return { kind: 'variable', variable: secret };
    return file.find(path);
  };
  const nowhere: Place = { kind: 'nowhere' };
  return { of, near: (path) => of(path) ?? (file.file === '' ? nowhere : file.near(path)) };
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) deepFreeze(inner);
  return value;
}
