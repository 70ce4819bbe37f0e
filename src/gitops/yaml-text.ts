import { type Document, type YAMLMap, isScalar, parseAllDocuments, visit } from 'yaml';

/** What a YAML text says, or why it is not read. */
export type YamlReading =
  | { readonly kind: 'read'; readonly documents: readonly unknown[] }
  | { readonly kind: 'unreadable'; readonly why: string };

/** Text from a repository is foreign: it may neither exhaust memory nor unfold aliases without end. */
const MAX_CHARS = 256 * 1024;
const MAX_ALIASES = 100;
const MAX_DOCUMENTS = 200;
/**
 * The parser's own check for duplicate keys and its pretty errors take quadratic time: 256 KiB of hostile text would
 * block the process for half a minute. So both are off, and duplicates are looked for here.
 */
const OPTIONS = { merge: true, uniqueKeys: false, prettyErrors: false, logLevel: 'silent' } as const;

function wrongKey(map: YAMLMap): string | undefined {
  const seen = new Set<string>();
  for (const { key } of map.items) {
    if (!isScalar(key)) return 'a key is no plain value';
    const name = String(key.value);
    // `<<` merges, and may do so more than once.
    if (name !== '<<' && seen.has(name)) return `the key ${JSON.stringify(name.slice(0, 100))} stands there twice`;
    seen.add(name);
  }
  return undefined;
}

function faultOf(document: Document.Parsed): string | undefined {
  const [error] = document.errors;
  if (error) return `${error.message.split('\n')[0] ?? 'syntax'} (character ${error.pos[0]})`;
  let fault: string | undefined;
  visit(document, {
    Map: (_, node) => {
      fault = wrongKey(node);
      return fault === undefined ? undefined : visit.BREAK;
    },
  });
  return fault;
}

/** Reads every document that is not empty. Duplicate keys, alias bombs and overlong texts are unreadable. */
export function readYaml(text: string): YamlReading {
  if (text.length > MAX_CHARS) return { kind: 'unreadable', why: `longer than ${MAX_CHARS} characters` };
  try {
    const parsed = parseAllDocuments(text, OPTIONS);
    const documents: readonly Document.Parsed[] = Array.isArray(parsed) ? parsed : [];
    if (documents.length > MAX_DOCUMENTS) return { kind: 'unreadable', why: `more than ${MAX_DOCUMENTS} documents` };
    const values: unknown[] = [];
    for (const document of documents) {
      const fault = faultOf(document);
      if (fault !== undefined) return { kind: 'unreadable', why: fault };
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
