import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RepositoryContent, TreeChange, TreeEntry, TreeMode } from '../../src/ports/source-control.js';

/** A file of a commit: its text, or text with a mode (a submodule's text is the commit id it points at). */
export type FileSpec = string | { readonly mode: TreeMode; readonly text: string };

const ENVIRONMENT = {
  PATH: process.env['PATH'],
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Ann',
  GIT_AUTHOR_EMAIL: 'ann@example.com',
  GIT_COMMITTER_NAME: 'Ann',
  GIT_COMMITTER_EMAIL: 'ann@example.com',
};

/** A real git repository in a folder of its own; `remove` takes it away again. */
export class GitRepository {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'gitops-test-'));
  /** Blobs written so far: text to id. Starting git is what takes time in these tests. */
  readonly #blobs = new Map<string, string>();
  constructor() {
    this.run(['init', '-q', '--bare', '.']);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  run(parameters: readonly string[], input = ''): string {
    const done = spawnSync('git', parameters, { cwd: this.#folder, input, env: ENVIRONMENT, maxBuffer: 64 << 20 });
    if (done.status !== 0) throw new Error(`git ${parameters.join(' ')}: ${done.stderr.toString()}`);
    return done.stdout.toString();
  }

  /** Tree id as git computes it from entries; the blobs need not exist. */
  writeTree(files: ReadonlyMap<string, TreeEntry>): string {
    rmSync(path.join(this.#folder, 'index'), { force: true });
    return this.#indexed([...files].map(([p, e]) => `${e.mode} ${e.oid}\t${p}`));
  }

  /** Tree id after changes on top of a commit, applied in their order. */
  applyToCommit(revision: string, changes: readonly TreeChange[]): string {
    this.run(['read-tree', revision]);
    return this.#indexed(
      changes.map((c) => (c.entry ? `${c.entry.mode} ${c.entry.oid}\t${c.path}` : `0 ${'0'.repeat(40)}\t${c.path}`)),
    );
  }

  commit(files: Readonly<Record<string, FileSpec>>): RepositoryContent {
    const entries = new Map<string, TreeEntry>();
    for (const [file, spec] of Object.entries(files)) {
      const { mode, text } = typeof spec === 'string' ? { mode: '100644' as const, text: spec } : spec;
      const oid = mode === '160000' ? text : this.#writeBlob(text);
      entries.set(file, { mode, oid });
    }
    const tree = this.writeTree(entries);
    return { revision: this.commitTree(tree), tree, files: entries };
  }

  commitTree(tree: string): string {
    return this.run(['commit-tree', tree, '-m', 'state']).trim();
  }

  contentOf(revision: string): RepositoryContent {
    const files = new Map<string, TreeEntry>();
    for (const line of this.run(['ls-tree', '-r', '-z', revision]).split('\0')) {
      const match = /^(\d+) \w+ ([0-9a-f]+)\t(.+)$/s.exec(line);
      if (match) files.set(match[3] ?? '', { mode: match[1] as TreeMode, oid: match[2] ?? '' });
    }
    return { revision, tree: this.run(['rev-parse', `${revision}^{tree}`]).trim(), files };
  }

  readonly readText = (oid: string): Promise<string> => Promise.resolve(this.run(['cat-file', 'blob', oid]));

  #writeBlob(text: string): string {
    const oid = this.#blobs.get(text) ?? this.run(['hash-object', '-w', '--stdin'], text).trim();
    this.#blobs.set(text, oid);
    return oid;
  }

  #indexed(lines: readonly string[]): string {
    this.run(['update-index', '-z', '--replace', '--index-info'], lines.map((line) => `${line}\0`).join(''));
    return this.run(['write-tree', '--missing-ok']).trim();
  }
}

export const link = (target: string): FileSpec => ({ mode: '120000', text: target });
