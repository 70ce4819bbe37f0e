import {
  splitApplicationKey,
  type ApplicationKey,
  type SourceSettings,
  type SourceShape,
} from '../model/application.js';
import type { RepositoryContent, RepositoryId, SourceControl } from '../ports/source-control.js';
import { resolveClosure } from './closure.js';
import type { ClosureResult } from './closure-builder.js';
import { closuresEqual } from './closure-equality.js';
import { contentHash } from './content.js';

/** What an application renders from, as far as its closure goes. A snapshot and a fleet source both are one. */
export interface RenderedApplication {
  readonly application: ApplicationKey;
  readonly shape: SourceShape;
  readonly sources: readonly SourceSettings[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly sourceType?: string;
}
export interface ClosureAt {
  readonly content: RepositoryContent;
  readonly closure: ClosureResult;
}

/** Reads closures from GitHub. Commits and blobs never change, so the port's caches make repeating it cheap. */
export class ClosureReader {
  constructor(private readonly sourceControl: Pick<SourceControl, 'readRepositoryContent' | 'readBlob'>) {}

  /** Throws what the port throws; what cannot be computed is a refusal in the answer. */
  async read(repo: RepositoryId, app: RenderedApplication, revision: string, signal: AbortSignal): Promise<ClosureAt> {
    const content = await this.sourceControl.readRepositoryContent(repo, revision, signal);
    return { content, closure: await this.closureIn(repo, app, content, signal) };
  }
  /** Do both revisions give the application the same files? What cannot be computed is not the same. */
  async areEqual(
    repo: RepositoryId,
    app: RenderedApplication,
    revisions: readonly [string, string],
    signal: AbortSignal,
  ): Promise<boolean> {
    const [a, b] = await Promise.all(revisions.map((revision) => this.read(repo, app, revision, signal)));
    return a?.closure.kind === 'closure' && b?.closure.kind === 'closure' && closuresEqual(a.closure, b.closure);
  }
  /** The closure in a content that need not exist as a commit yet. */
  closureIn(
    repo: RepositoryId,
    app: RenderedApplication,
    content: RepositoryContent,
    signal: AbortSignal,
  ): Promise<ClosureResult> {
    return resolveClosure({
      application: splitApplicationKey(app.application),
      shape: app.shape,
      sources: app.sources,
      annotations: app.annotations,
      ...(app.sourceType === undefined ? {} : { sourceType: app.sourceType }),
      content,
      readText: (oid) => this.sourceControl.readBlob(repo, oid, signal),
    });
  }
}

/** Content of an application (semantics 1); undefined = its closure is refused. */
export function contentOf(closure: ClosureResult, sources: readonly SourceSettings[]): string | undefined {
  const [source] = sources;
  if (closure.kind !== 'closure' || source === undefined) return undefined;
  return contentHash([{ repoURL: source.repoURL, files: closure.files }], sources);
}
