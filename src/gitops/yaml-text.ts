import { parseAllDocuments } from 'yaml';

/** What a YAML text says, or why it is not read. */
export type YamlReading =
  | { readonly kind: 'read'; readonly documents: readonly unknown[] }
  | { readonly kind: 'unreadable'; readonly why: string };

/** Text from a repository is foreign: it may neither exhaust memory nor unfold aliases without end. */
const MAX_CHARS = 1024 * 1024;
const MAX_ALIASES = 100;
const MAX_DOCUMENTS = 200;

/** Reads every document that is not empty. Duplicate keys, alias bombs and overlong texts are unreadable. */
export function readYaml(text: string): YamlReading {
  if (text.length > MAX_CHARS) return { kind: 'unreadable', why: `longer than ${MAX_CHARS} characters` };
  try {
    const parsed = parseAllDocuments(text, { merge: true, logLevel: 'silent' });
    const documents = Array.isArray(parsed) ? parsed : [];
    if (documents.length > MAX_DOCUMENTS) return { kind: 'unreadable', why: `more than ${MAX_DOCUMENTS} documents` };
    const values: unknown[] = [];
    for (const document of documents) {
      const [error] = document.errors;
      if (error) return { kind: 'unreadable', why: error.message.split('\n')[0] ?? 'syntax' };
      const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
      if (value !== null && value !== undefined) values.push(value);
    }
    return { kind: 'read', documents: values };
  } catch (error) {
    // The parser throws on alias bombs and on nesting deeper than its stack.
    return { kind: 'unreadable', why: error instanceof Error ? (error.message.split('\n')[0] ?? 'syntax') : 'syntax' };
  }
}

/** A mapping with string keys: neither a list nor a scalar. */
export const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);
