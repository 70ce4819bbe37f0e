import type { AttemptView } from '../../model/attempt-view.js';
import type { PullRequestView } from '../github/github-sandbox.js';
import type { Sandbox } from '../sandbox.js';
import { logOf, restorationOf } from './git-facts.js';
import type { GitSaying } from './git-facts.js';
import { runCommand } from './operator-child.js';

/** One attempt, with what git and GitHub know of it. */
export interface AttemptEnding {
  readonly view: AttemptView;
  readonly pull?: PullRequestView;
  readonly undone?: GitSaying;
  readonly left?: GitSaying;
}
/** What `audit verify` found. */
export interface AuditEnding {
  readonly directory: string;
  readonly sound: boolean;
  readonly statement: string;
}
/** Everything that is told at the end. */
export interface Ending {
  readonly scenario: string;
  readonly speed: number;
  readonly repositoryDirectory: string;
  readonly log: GitSaying;
  readonly attempts: readonly AttemptEnding[];
  readonly audit: AuditEnding;
  readonly applications: readonly { readonly name: string; readonly health: string; readonly sync: string }[];
  /** What is not as the scenario expects; empty = all of it is. */
  readonly unmet: readonly string[];
  /** The last lines of the operator's log, for when something is unmet. */
  readonly lastLines: readonly string[];
}

/** Asks git, GitHub's sandbox and the audit log. `attempts`: oldest first. */
export async function gatherEnding(
  sandbox: Sandbox,
  seen: {
    readonly attempts: readonly AttemptView[];
    readonly unmet: readonly string[];
    readonly lastLines: readonly string[];
    readonly auditDirectory: string;
    /** Standard output of the operator: its checkpoints are the witness against a shortened log. */
    readonly printed: string;
  },
): Promise<Ending> {
  const { scenario, speed, github, world } = sandbox;
  const { git } = github.repository;
  const attempts: AttemptEnding[] = [];
  for (const view of seen.attempts) {
    const pull = github
      .pullRequests()
      .find((one) => one.number === (view.pullRequest?.number ?? view.merge?.pullRequest));
    const isNewest = seen.attempts.findLast((one) => one.application === view.application)?.id === view.id;
    const restoration = await restorationOf(git, view, isNewest);
    attempts.push({ view, ...(pull === undefined ? {} : { pull }), ...restoration });
  }
  const audit = await verifyAudit(seen.auditDirectory, seen.printed);
  return {
    scenario: scenario.name,
    speed,
    repositoryDirectory: git.directory,
    log: await logOf(git, scenario.repository.defaultBranch),
    attempts,
    audit,
    applications: world.applications.map((app) => ({
      name: app.settings.name,
      health: app.health.status,
      sync: app.sync.status,
    })),
    unmet: [...seen.unmet, ...(audit.sound ? [] : ['the audit log verifies'])],
    lastLines: seen.lastLines,
  };
}

/** The newest `<number>:<hash>` of the printed checkpoints. */
const newestWitness = (printed: string): string | undefined =>
  [...printed.matchAll(/\b\d+:[0-9a-f]{64}\b/g)].at(-1)?.[0];

async function verifyAudit(directory: string, printed: string): Promise<AuditEnding> {
  const witness = newestWitness(printed);
  const { code, output } = await runCommand([
    'audit',
    'verify',
    '--directory',
    directory,
    ...(witness === undefined ? [] : ['--witness', witness]),
  ]);
  return { directory, sound: code === 0, statement: output };
}
