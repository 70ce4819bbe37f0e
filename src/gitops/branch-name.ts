import { OperatorError } from '../base/errors.js';
import { sha256 } from '../base/hash.js';
import type { ApplicationName } from '../model/application.js';

/** What the name of a rollback branch says. */
export interface RollbackBranch {
  readonly environment: string;
  /** `<namespace>.<name>` as the branch spells it; see `branchTarget`. */
  readonly target: string;
  /** First ten hex digits of the bad and of the good version. */
  readonly bad: string;
  readonly good: string;
}

/** Branches below this prefix are the operator's own. */
export const BRANCH_PREFIX = 'ai-operator/rollback/';
/** GitHub and people both cope with this much. */
export const BRANCH_MAX_BYTES = 120;

const VERSION_DIGITS = 10;
const ENVIRONMENT_MAX = 20;
const MARK = '_';
const MARK_DIGITS = 8;
const SHAPE = /^ai-operator\/rollback\/([a-z0-9._-]+)\/([a-z0-9._-]+)\/([0-9a-f]{10})-to-([0-9a-f]{10})$/;

/**
 * Lower-case letters, digits, `-` and single inner dots, at most `max` long. A name that had to be changed gets `_` and
 * a hash of the original; no name of Kubernetes holds `_`, so two names never meet in one branch.
 */
function sanitised(name: string, max: number): string {
  const clean = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/.test(name) && !name.endsWith('.lock');
  if (clean && name.length <= max) return name;
  const mark = `${MARK}${sha256(name).slice(0, MARK_DIGITS)}`;
  const stem = name
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .replace(/\.{2,}/g, '.')
    .replace(/^[.]+/, '')
    .slice(0, max - mark.length)
    .replace(/[.-]+$/, '');
  return `${stem}${mark}`;
}

function shortVersion(version: string): string {
  if (!/^[0-9a-f]{10,}$/.test(version)) {
    const quoted = JSON.stringify(version);
    throw new OperatorError('BRANCH_VERSION_INVALID', 'bug', `${quoted} is no commit id or content hash`);
  }
  return version.slice(0, VERSION_DIGITS);
}

/** How an application is spelled in the branches of an environment: one spelling per name, and only for that name. */
function spelling(environment: string, application: ApplicationName): Pick<RollbackBranch, 'environment' | 'target'> {
  const env = sanitised(environment, ENVIRONMENT_MAX);
  const fixed = BRANCH_PREFIX.length + env.length + '//'.length + 2 * VERSION_DIGITS + '-to-'.length;
  const target = sanitised(`${application.namespace}.${application.name}`, BRANCH_MAX_BYTES - fixed);
  return { environment: env, target };
}

/**
 * Name of the branch of one rollback: the same for the same rollback, so that creating it is a lock and finding it
 * means adopting it. Always valid for `git check-ref-format`, at most 120 bytes.
 * @param versions commit ids; for several sources content hashes.
 * @throws OperatorError BRANCH_VERSION_INVALID (bug) for a version that is not hex.
 */
export function branchName(
  environment: string,
  application: ApplicationName,
  versions: { readonly bad: string; readonly good: string },
): string {
  const { environment: env, target } = spelling(environment, application);
  return `${BRANCH_PREFIX}${env}/${target}/${shortVersion(versions.bad)}-to-${shortVersion(versions.good)}`;
}

/** Reads a branch name; undefined = not one of ours. */
export function parseBranchName(branch: string): RollbackBranch | undefined {
  const match = SHAPE.exec(branch);
  if (!match || branch.length > BRANCH_MAX_BYTES) return undefined;
  const [, environment = '', target = '', bad = '', good = ''] = match;
  return { environment, target, bad, good };
}

/** Is this branch a rollback of that application in that environment? */
export function isBranchOf(branch: RollbackBranch, environment: string, application: ApplicationName): boolean {
  const spelled = spelling(environment, application);
  return branch.environment === spelled.environment && branch.target === spelled.target;
}
