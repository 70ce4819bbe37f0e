import { duration } from '../../base/time-words.js';
import type { OperatorError } from '../../base/errors.js';
import type { GitHubProbe } from '../../adapters/github/identity.js';
import type { OperatorConfig } from '../../config/operator-config.js';
import type { Check, Findings } from './finding.js';

const TIMEOUT_MS = 60_000;
const LARGEST_SKEW_MS = 5_000;
const FEW_CALLS = 0.1;
/** What an App's installation must be permitted, and what the operator does with it. */
const NEEDED: readonly (readonly [permission: string, level: 'read' | 'write', why: string])[] = [
  ['contents', 'write', 'creates the rollback branch and merges'],
  ['pull_requests', 'write', 'opens and describes the pull request'],
  ['checks', 'read', 'reads check runs (I6)'],
  ['statuses', 'read', 'reads commit statuses (I6)'],
];
/** Rights that turn a leaked token into a disaster. */
const NEEDLESS_SCOPES: readonly string[] = [
  'admin:org',
  'delete_repo',
  'admin:repo_hook',
  'admin:enterprise',
  'site_admin',
];

/** Who the operator is on GitHub, what it may do, whether the clocks agree, and how many calls are left. */
export class GitHubCheck implements Check {
  readonly subject = 'github';
  readonly timeoutMs = TIMEOUT_MS;
  constructor(
    private readonly github: { probe(signal: AbortSignal): Promise<GitHubProbe> },
    private readonly config: OperatorConfig,
  ) {}

  async look(found: Findings, signal: AbortSignal): Promise<void> {
    const probe = await this.github.probe(signal);
    const { actor } = probe;
    const account = actor.kind === 'bot' ? 'an App' : 'a user account';
    found.ok(`${this.config.github.apiUrl} answers; acts as ${actor.login}, ${account}`);
    if (actor.kind === 'human') {
      found.warning(
        `${actor.login} is a user account: its own review can never approve, and GitHub does not sign its commits`,
        'Use a GitHub App (github.appId, installationId, privateKeyFile).',
      );
    }
    lookAtScopes(probe, found);
    lookAtPermissions(probe, this.config.production.teams.length > 0, found);
    lookAtClock(probe, found);
    lookAtRateLimit(probe, found);
  }
  mend({ category }: OperatorError): string {
    if (category === 'denied')
      return 'Renew the credential: github.tokenFile, or appId, installationId and privateKeyFile of an installed App.';
    if (category === 'config')
      return 'Correct github.apiUrl (https://api.github.com, or https://<host>/api/v3), github.caFile or github.proxy.';
    return 'Let the network policy pass the operator to GitHub (port 443), or set github.proxy.';
  }
}

function lookAtScopes({ scopes }: GitHubProbe, found: Findings): void {
  if (scopes === undefined) return;
  if (!scopes.includes('repo') && !scopes.includes('public_repo')) {
    found.fault(
      `the token has the scopes ${scopes.join(', ') || 'none'}, and needs repo`,
      'Make a token with the scope repo.',
    );
  }
  const needless = scopes.filter((s) => NEEDLESS_SCOPES.includes(s));
  if (needless.length > 0)
    found.warning(`the token also has ${needless.join(', ')}, which is never needed`, 'Make one without.');
}

function lookAtPermissions({ permissions }: GitHubProbe, needsMembers: boolean, found: Findings): void {
  if (permissions === undefined) return;
  const members = ['members', 'read', 'asks who is in production.approvers.teams'] as const;
  const lacking = [...NEEDED, ...(needsMembers ? [members] : [])].filter(([permission, level]) => {
    const has = permissions[permission];
    return level === 'read' ? has === undefined : has !== 'write' && has !== 'admin';
  });
  if (lacking.length === 0) return found.ok('the App has every permission it needs');
  for (const [permission, level, why] of lacking) {
    const has = permissions[permission] ?? 'none';
    found.fault(
      `the App has ${permission}: ${has}, and needs ${level} (${why})`,
      `Grant ${permission}: ${level} to the App, and let its installation accept it.`,
    );
  }
}

function lookAtClock({ clockAheadMs }: GitHubProbe, found: Findings): void {
  if (clockAheadMs === undefined) return;
  const off = Math.abs(clockAheadMs);
  if (off <= LARGEST_SKEW_MS) return found.ok("the clock of this machine agrees with GitHub's");
  found.warning(
    `the clock of this machine is ${duration(off)} ${clockAheadMs > 0 ? 'ahead of' : 'behind'} GitHub's`,
    'Let the machine follow a time server (NTP): deadlines, freshness and App tokens depend on it.',
  );
}

function lookAtRateLimit({ rateLimit }: GitHubProbe, found: Findings): void {
  if (rateLimit === undefined) return found.ok('no rate limit');
  const { remaining, limit, resetsAt } = rateLimit;
  const text = `${remaining} of ${limit} calls are left until ${new Date(resetsAt).toISOString()}`;
  if (remaining < limit * FEW_CALLS)
    found.warning(text, 'Something else uses this account; give the operator its own App.');
  else found.ok(text);
}
