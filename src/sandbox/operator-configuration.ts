import { formatDuration } from '../base/written-duration.js';
import { DEFAULT_TIMING } from '../model/timing.js';
import type { JsonObject } from './json-path.js';
import { repositoryUrl } from './scenario/seed.js';
import { mergeDocuments } from './scenario/merge-documents.js';
import type { Sandbox } from './sandbox.js';
import type { CredentialFiles } from './credential-files.js';

/** What the operator accepts as a wait. */
const SHORTEST_MS = 10;
const COUNTS: readonly string[] = ['DEGRADATION_PERSISTENCE_CHECKS', 'MCP_RETRY_COUNT'];

/** The operator's own waits, divided by the speed; counts stay. Windows over the past are no waits and are not here. */
export function scaledTiming(speed: number): JsonObject {
  const scale = (ms: number): string => formatDuration(Math.max(SHORTEST_MS, Math.round(ms / speed)));
  const entries = Object.entries(DEFAULT_TIMING).map(([name, value]: [string, number | readonly number[]]) => {
    if (COUNTS.includes(name)) return [name, value];
    return [name, typeof value === 'number' ? scale(value) : value.map(scale)];
  });
  return Object.fromEntries(entries) as JsonObject;
}

/**
 * The configuration of an operator that works against this sandbox, as the document of an ordinary configuration file,
 * with the scenario's `operator` laid over it. `directory` takes what the operator writes.
 */
export function operatorConfiguration(sandbox: Sandbox, files: CredentialFiles, directory: string): JsonObject {
  const { scenario, urls, speed } = sandbox;
  const url = repositoryUrl(scenario).replace(/\.git$/, '');
  const required = scenario.github.rules.requiredChecks.map(({ context }) => ({ context }));
  const document: JsonObject = {
    development: true,
    environments: {
      staging: { match: { projects: ['staging'] }, mode: 'auto', paths: ['apps/*/overlays/staging/**'] },
      production: { match: { projects: ['production'] }, mode: 'propose' },
    },
    argocd: { url: urls.argocd, tokenFile: files.argocdToken },
    github: { url: new URL(url).origin, apiUrl: urls.github, tokenFile: files.githubToken },
    repositories: [{ url, allApplicationsVisible: true, ci: { required } }],
    kubernetes: { kubeconfigFile: files.kubeconfig },
    prometheus: { url: urls.prometheus },
    store: { kind: 'memory' },
    bus: { kind: 'in-process' },
    audit: { directory: `${directory}/audit` },
    notify: { webhooks: [{ name: 'sandbox', url: urls.notices }] },
    killFile: `${directory}/kill`,
    timing: scaledTiming(speed),
  };
  return mergeDocuments(document, scenario.operator);
}
