import type { EnvironmentMatch, EnvironmentSettings, OperatorConfig } from '../../src/config/operator-config.js';
import { DEFAULT_TIMING } from '../../src/model/timing.js';
import { POLICY, REPOSITORY_URL } from './attempt-parts.js';

const MINUTE = 60_000;
export const matchProjects = (...projects: readonly string[]): EnvironmentMatch => ({
  projects,
  destinations: [],
  namespaces: [],
  applications: [],
});
export const STAGING: EnvironmentSettings = {
  match: matchProjects('staging'),
  mode: 'auto',
  paths: POLICY.stagingPaths,
};
export const PRODUCTION: EnvironmentSettings = { match: matchProjects('production'), mode: 'propose', paths: [] };

/** A whole configuration as the loader would give it: projects `staging` (auto) and `production` (propose), every default. */
export function operatorConfig(overrides: Partial<OperatorConfig> = {}): OperatorConfig {
  return {
    instance: 'test',
    development: true,
    environments: { staging: STAGING, production: PRODUCTION },
    argocd: { url: 'https://argocd.example', source: 'api', namespace: 'argocd' },
    github: { url: 'https://github.com', apiUrl: 'https://api.github.com' },
    repositories: [
      {
        owner: 'acme',
        name: 'gitops',
        url: REPOSITORY_URL,
        allApplicationsVisible: true,
        requiredChecks: [{ name: 'validate' }],
        allowNoChecks: false,
        failOnOptionalFailure: true,
      },
    ],
    kubernetes: { inCluster: true },
    store: { kind: 'memory' },
    bus: { kind: 'in-process' },
    audit: { directory: '/audit' },
    killFile: '/kill',
    timing: DEFAULT_TIMING,
    candidates: POLICY.candidates,
    invariants: POLICY.invariants,
    guards: POLICY.guards,
    limits: {
      openAttempts: 3,
      pullRequestsPerHour: 10,
      brake: { share: 0.3, count: 3, windowMs: 10 * MINUTE, failedRollbacks: 3, failedRollbackWindowMs: 60 * MINUTE },
    },
    production: { ...POLICY.approval, approvalSources: ['github-review'] },
    detection: { maxFailureAgeMs: 20 * MINUTE },
    http: { port: 0, host: '127.0.0.1' },
    httpMetrics: { port: 0, host: '127.0.0.1' },
    log: { level: 'info', format: 'json' },
    notify: { webhooks: [] },
    ...overrides,
  };
}
