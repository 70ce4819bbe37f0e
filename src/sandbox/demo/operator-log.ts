import { isJsonObject } from '../json-path.js';
import type { JsonObject } from '../json-path.js';
import type { EpochMs } from '../../model/application.js';

/** One line of the operator's log. */
export interface OperatorLine {
  readonly at: EpochMs;
  readonly level: string;
  readonly msg: string;
  readonly fields: JsonObject;
}

/** A JSON line as the operator logs it; undefined = something else. */
export function parseOperatorLine(text: string): OperatorLine | undefined {
  const value = parseJson(text);
  if (!isJsonObject(value)) return undefined;
  const { ts, level, msg, ...fields } = value;
  if (typeof ts !== 'string' || typeof level !== 'string' || typeof msg !== 'string') return undefined;
  return { at: Date.parse(ts), level, msg, fields };
}

/** A field that is text; empty when it is not. */
export function fieldOf(line: OperatorLine, name: string): string {
  const value = line.fields[name];
  return typeof value === 'string' ? value : '';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
