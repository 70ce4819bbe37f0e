import { splitApplicationKey } from '../model/application.js';
import type { ApplicationKey, FleetSource, SourceSettings } from '../model/application.js';
import type { RepositoryContent } from '../ports/source-control.js';
import { resolveClosure } from './closure.js';
import type { ClosureResult } from './closure-builder.js';
import type { ReadText } from './repository-tree.js';
import { sameRepositoryUrl } from './repository-url.js';
import { followsBranch } from './target-revision.js';

/** Whether an application renders from changed files: yes, provably not, or it cannot be told. */
export type Affection = 'meets' | 'disjoint' | 'unknown';

/** The answer about one application of the fleet. */
export interface AffectedApplication {
  readonly application: ApplicationKey;
  readonly affection: Affection;
  /** A changed file it renders from, or why nothing is known. */
  readonly detail: string;
}

/** What a restore would change, and where. */
export interface ChangeToJudge {
  /** The application that is rolled back: it is no "other". */
  readonly subject: ApplicationKey;
  readonly repoURL: string;
  /** The branch the pull request goes to. */
  readonly branch: string;
  readonly defaultBranch: string;
  readonly changedPaths: readonly string[];
  /** The branch head, and what it would be after the change: a file may join, or leave, anyone's closure. */
  readonly before: RepositoryContent;
  readonly after: RepositoryContent;
  readonly readText: ReadText;
}

const onTarget = (change: ChangeToJudge, source: SourceSettings): boolean =>
  sameRepositoryUrl(source.repoURL, change.repoURL) &&
  followsBranch(source.targetRevision, change.branch, change.defaultBranch);

type Answer = Omit<AffectedApplication, 'application'>;

/** Nothing to ask git about: another repository or branch, or a shape whose files are not computed. */
function judgeBySource(change: ChangeToJudge, other: FleetSource): Answer | undefined {
  if (other.sources.length === 0) return { affection: 'unknown', detail: 'it names no source' };
  if (other.shape === 'hydrator') {
    // The branch it is hydrated to is not always among its sources.
    const same = other.sources.some((source) => sameRepositoryUrl(source.repoURL, change.repoURL));
    return same
      ? { affection: 'unknown', detail: 'the source hydrator renders it from the same repository' }
      : { affection: 'disjoint', detail: 'another repository' };
  }
  const meeting = other.sources.filter((source) => onTarget(change, source));
  if (meeting.length === 0) return { affection: 'disjoint', detail: 'another repository or branch' };
  if (other.shape === 'multiple' || other.sources.length > 1) {
    return { affection: 'unknown', detail: 'several sources, one of them on the same branch' };
  }
  return undefined;
}

async function closuresOf(change: ChangeToJudge, other: FleetSource): Promise<readonly ClosureResult[]> {
  const application = splitApplicationKey(other.application);
  const { shape, sources, annotations } = other;
  const at = (content: RepositoryContent): Promise<ClosureResult> =>
    resolveClosure({ application, shape, sources, annotations, content, readText: change.readText });
  return [await at(change.before), await at(change.after)];
}

async function judge(
  change: ChangeToJudge,
  changed: ReadonlySet<string>,
  other: FleetSource,
): Promise<AffectedApplication> {
  const { application } = other;
  const bySource = judgeBySource(change, other);
  if (bySource) return { application, ...bySource };
  const closures = await closuresOf(change, other);
  // Neither tree has its directory: it renders nothing, before and after.
  if (closures.every((c) => c.kind === 'refusal' && c.code === 'path-missing')) {
    return { application, affection: 'disjoint', detail: 'its directory is in neither tree' };
  }
  for (const closure of closures) {
    if (closure.kind !== 'closure') continue;
    const met = [...closure.files.keys()].find((path) => changed.has(path));
    if (met !== undefined) return { application, affection: 'meets', detail: `it renders from ${met}` };
  }
  const refused = closures.find((c) => c.kind === 'refusal');
  if (refused?.kind === 'refusal') {
    return { application, affection: 'unknown', detail: `${refused.code}: ${refused.detail}` };
  }
  return { application, affection: 'disjoint', detail: 'none of its files changes' };
}

/**
 * Which other applications of the fleet render from the changed files, in the order of the fleet. An application whose
 * files cannot be computed is `unknown`, never `disjoint`.
 * @throws what `readText` throws.
 */
export async function affectedApplications(
  change: ChangeToJudge,
  fleet: readonly FleetSource[],
): Promise<readonly AffectedApplication[]> {
  const changed = new Set(change.changedPaths);
  const answers: AffectedApplication[] = [];
  for (const other of fleet) {
    if (other.application !== change.subject) answers.push(await judge(change, changed, other));
  }
  return answers;
}
