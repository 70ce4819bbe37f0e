import { isJsonObject } from '../json-path.js';
import type { JsonObject } from '../json-path.js';

/** Lays one document over another: objects merge, `null` takes a key away, everything else (lists too) is replaced. */
export function mergeDocuments(base: JsonObject, over: JsonObject): JsonObject {
  const merged: JsonObject = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const before = merged[key];
    if (value === null) delete merged[key];
    else merged[key] = isJsonObject(value) && isJsonObject(before) ? mergeDocuments(before, value) : value;
  }
  return merged;
}
