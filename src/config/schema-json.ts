import { z } from 'zod';
import { configSchema } from './schema.js';

/** The JSON Schema of the configuration file, for editors and `config schema`; committed as `config/schema.json`. */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...schema } = z.toJSONSchema(configSchema, { io: 'input', target: 'draft-7' });
  return { $schema, title: 'Configuration of AI DevOps Operator', ...tidy(schema) };
}

/** Empty standards of groups only hide the standards of their keys. */
function tidy(schema: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(schema).flatMap(([key, value]): [string, unknown][] => {
    if (key === 'default' && isRecord(value) && Object.keys(value).length === 0) return [];
    if (Array.isArray(value)) return [[key, value.map((item) => (isRecord(item) ? tidy(item) : (item as unknown)))]];
    return [[key, isRecord(value) ? tidy(value) : value]];
  });
  return Object.fromEntries(entries);
}
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
