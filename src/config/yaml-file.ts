import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { OperatorError } from '../base/errors.js';
import { fileTrouble } from './file-trouble.js';
import type { Fault, KeyPath, Place } from './faults.js';

/** A configuration file, read, with the place of every key. */
export interface YamlFile {
  /** As people named it. */
  readonly file: string;
  /** Undefined = empty, or not YAML (then `faults` says why). */
  readonly content: unknown;
  readonly faults: readonly Fault[];
  /** Where a key stands; undefined = not in this file. */
  find(key: KeyPath): Place | undefined;
  /** Where a key stands, or the nearest group around where it is missing. */
  near(key: KeyPath): Place;
}

const LARGEST_FILE = 1_048_576;

/** Reads a YAML file. Throws `CONFIG_UNREADABLE`; faults in the YAML itself are in the answer. */
export function readYamlFile(file: string, workingDirectory: string): YamlFile {
  let text: string;
  try {
    text = readFileSync(path.resolve(workingDirectory, file), 'utf8');
  } catch (error) {
    throw new OperatorError('CONFIG_UNREADABLE', 'config', `configuration file ${file} ${fileTrouble(error)}`, {
      cause: error,
    });
  }
  if (text.length > LARGEST_FILE) {
    throw new OperatorError('CONFIG_UNREADABLE', 'config', `configuration file ${file} is larger than 1 MiB`);
  }
  return parseYaml(text, file);
}

/** Parses a configuration; faults of the YAML are values, with their place. */
export function parseYaml(text: string, file: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: '1.2' });
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { kind: 'file', file, line, column: col };
  };
  const find = (key: KeyPath): Place | undefined => {
    const offset = offsetOf(document, key);
    return offset === undefined ? undefined : at(offset);
  };
  const faults: Fault[] = [...document.errors, ...document.warnings].map((e) => ({
    path: [],
    place: at(e.pos[0]),
    message: `not valid YAML: ${e.message}`,
  }));
  return { file, ...contentOf(document, faults, at(0)), find, near: (key) => nearest(find, key) ?? at(0) };
}

function contentOf(document: Document, faults: readonly Fault[], top: Place): Pick<YamlFile, 'content' | 'faults'> {
  if (faults.length > 0) return { content: undefined, faults };
  try {
    return { content: document.toJS({ maxAliasCount: 100 }) as unknown, faults };
  } catch (error) {
    return {
      content: undefined,
      faults: [{ path: [], place: top, message: `not usable: ${(error as Error).message}` }],
    };
  }
}

function nearest(find: (key: KeyPath) => Place | undefined, key: KeyPath): Place | undefined {
  for (let length = key.length; length > 0; length--) {
    const place = find(key.slice(0, length));
    if (place !== undefined) return place;
  }
  return undefined;
}

function offsetOf(document: Document, key: KeyPath): number | undefined {
  let node: unknown = document.contents;
  let offset: number | undefined;
  for (const step of key) {
    if (isMap(node)) {
      const pair = node.items.find((p) => isPair(p) && isScalar(p.key) && String(p.key.value) === String(step));
      offset = (pair?.key as Node | undefined)?.range?.[0];
      node = pair?.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      offset = (node as Node | undefined)?.range?.[0];
    } else {
      return undefined;
    }
    if (offset === undefined) return undefined;
  }
  return offset;
}
