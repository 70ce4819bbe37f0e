import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseDocument } from 'yaml';
import { OperatorError } from '../../base/errors.js';
import { isJsonObject } from '../json-path.js';
import type { JsonObject } from '../json-path.js';
import { parseScenario } from '../scenario.js';
import type { Scenario } from '../scenario.js';
import { mergeDocuments } from './merge-documents.js';

/** Where the scenarios of the project are: they stay in `src`, wherever the compiled code runs from. */
export async function scenarioDirectory(): Promise<string> {
  const candidates: string[] = [];
  for (let at = dirname(fileURLToPath(import.meta.url)); dirname(at) !== at; at = dirname(at)) {
    candidates.push(join(at, 'src', 'sandbox', 'scenarios'));
  }
  for (const directory of candidates) {
    const found = await readdir(directory).catch(() => undefined);
    if (found) return directory;
  }
  throw new OperatorError(
    'SANDBOX_NO_SCENARIOS',
    'config',
    `src/sandbox/scenarios is not above ${fileURLToPath(import.meta.url)}`,
  );
}

/** Names of the project's scenarios, sorted. */
export async function scenarioNames(): Promise<readonly string[]> {
  const files = await readdir(await scenarioDirectory());
  return files
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => basename(file, '.yaml'))
    .toSorted();
}

/**
 * A scenario by its name or the path of its file, with `overrides` laid over it (`mergeDocuments`). `extends: <name>`
 * in a file lays it over another one of the same folder. The `thereafter` of what is laid over goes on where the timeline ends.
 */
export async function loadScenario(nameOrPath: string, overrides: JsonObject = {}): Promise<Scenario> {
  const isPath = nameOrPath.includes('/') || nameOrPath.endsWith('.yaml');
  const path = isPath ? nameOrPath : join(await scenarioDirectory(), `${nameOrPath}.yaml`);
  return parseScenario(laidOver(await readScenarioDocument(path, []), overrides), path);
}

async function readScenarioDocument(path: string, trail: readonly string[]): Promise<JsonObject> {
  if (trail.includes(path)) throw invalid(path, `extends itself by ${trail.join(' -> ')}`);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new OperatorError('SANDBOX_NO_SUCH_SCENARIO', 'config', `scenario ${path} cannot be read`, { cause: error });
  });
  const parsed = parseDocument(text);
  const [fault] = parsed.errors;
  if (fault) throw invalid(path, fault.message);
  const document: unknown = parsed.toJS();
  if (!isJsonObject(document)) throw invalid(path, 'it holds no mapping');
  const { extends: base, ...own } = document;
  if (base === undefined) return laidOver({}, own);
  if (typeof base !== 'string') throw invalid(path, 'extends must name a scenario');
  return laidOver(await readScenarioDocument(join(dirname(path), `${base}.yaml`), [...trail, path]), own);
}
function laidOver(base: JsonObject, { thereafter, ...over }: JsonObject): JsonObject {
  const whole = mergeDocuments(base, over);
  return thereafter === undefined ? whole : { ...whole, timeline: [whole['timeline'] ?? [], thereafter].flat() };
}

const invalid = (path: string, why: string): OperatorError =>
  new OperatorError('SANDBOX_SCENARIO_INVALID', 'config', `${path} is not a scenario: ${why}`);
