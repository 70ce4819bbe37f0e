import { readFileSync } from 'node:fs';

/** A row of the table of links in `docs/network.md`. */
export interface LinkRow {
  readonly link: string;
  /** What the page says the log says; a row about a notice or a rule has none. */
  readonly logWords: readonly string[];
  readonly code: string;
}
const quoted = (cell: string): readonly string[] => [...cell.matchAll(/`([^`]+)`/g)].map((m) => m[1] ?? '');

/** The rows of `docs/network.md` that begin with one of the links. */
export function linkRows(): readonly LinkRow[] {
  const text = readFileSync('docs/network.md', 'utf8');
  return [...text.matchAll(/^\| (etcd|NATS|Argo CD|GitHub|Kubernetes|Prometheus|Webhooks) \|(.*)\|$/gm)].map((row) => {
    const [, says = '', code = ''] = (row[2] ?? '').split('|');
    const logWords = quoted(says).filter((words) => words.includes(' ') && !words.startsWith('describe'));
    return { link: row[1] ?? '', logWords, code: quoted(code)[0] ?? '' };
  });
}
