import type { Clock } from '../../base/clock.js';
import type { RetryPolicy } from '../../base/retry.js';
import type { GitHubSettings } from './github-settings.js';
import { OctokitSourceControl } from './octokit-source-control.js';

/**
 * The SourceControl port over GitHub. Nothing is called yet. Throws `GITHUB_BASE_URL` and `CONFIG_CA_UNREADABLE`
 * (config). Only reads and writes that may be repeated are retried as `retry` says.
 */
export function createGitHub(settings: GitHubSettings, clock: Clock, retry: RetryPolicy): OctokitSourceControl {
  return new OctokitSourceControl(settings, clock, retry);
}
