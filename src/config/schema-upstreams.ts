import { z } from 'zod';
import type { KubernetesSettings, RepositorySettings } from './operator-config.js';
import { address, compact, flag, group, identity, list, name, path, text, word } from './scalars.js';

type OptionalText = z.ZodOptional<z.ZodType<string, string>>;
const caFile = (): OptionalText =>
  path('/run/secrets/ca.crt')
    .describe('PEM file with the certificate authority of the server; absent = those of Node.')
    .optional();
const tokenFile = (example: string, what: string): OptionalText =>
  path(example).describe(`File with ${what}; read again when it changes.`).optional();

/** `argocd`. */
export const argocdSchema = group({
  url: address('https://argocd-server.argocd.svc').describe('Address of the Argo CD API.'),
  tokenFile: tokenFile('/run/secrets/argocd/token', 'the API token of a read-only account'),
  caFile: caFile(),
  source: word(['api'], ['kubernetes']).default('api').describe('How applications are listed.'),
  namespace: name('argocd').default('argocd').describe('Namespace of Argo CD itself.'),
})
  .describe('The Argo CD that is watched.')
  .transform(compact);

/** `github`: who the operator is there. */
export const githubSchema = group({
  url: address('https://github.com').default('https://github.com').describe('Where repositories live.'),
  apiUrl: address('https://api.github.com').describe('Base of the REST API; absent = derived from url.').optional(),
  caFile: caFile(),
  proxy: address('http://proxy:3128').describe('Proxy for GitHub alone; absent = HTTPS_PROXY and NO_PROXY.').optional(),
  tokenFile: tokenFile('/run/secrets/github/token', 'a token; or use an App by the three keys below'),
  appId: identity().describe('Id of the GitHub App.').optional(),
  installationId: identity().describe('Id of its installation.').optional(),
  privateKeyFile: tokenFile('/run/secrets/github/key.pem', 'the private key of the App (PEM)'),
})
  .describe('GitHub: an App (appId, installationId, privateKeyFile) or a tokenFile.')
  .transform((github) => compact({ ...github, apiUrl: github.apiUrl ?? apiOf(github.url) }));

function apiOf(url: string): string {
  const { protocol, host } = new URL(url);
  if (host === 'github.com') return 'https://api.github.com';
  return host.endsWith('.ghe.com') ? `${protocol}//api.${host}` : `${url}/api/v3`;
}

/** `kubernetes`: the cluster the operator runs in; in-cluster when nothing is said. */
export const kubernetesSchema = group({
  inCluster: flag().describe('Use the service account of the pod the operator runs in.').optional(),
  kubeconfigFile: path('/run/secrets/kubeconfig')
    .describe('Or: a kubeconfig file; its current context counts.')
    .optional(),
  enabled: flag()
    .describe('Or false: no cluster is asked; replica shortage is then unknown and nothing merges by itself.')
    .optional(),
})
  .describe('The cluster the operator runs in: one of inCluster: true, kubeconfigFile, enabled: false.')
  .transform((said, context): KubernetesSettings => {
    const chosen: KubernetesSettings[] = [
      ...(said.inCluster === true ? [{ inCluster: true } as const] : []),
      ...(said.kubeconfigFile === undefined ? [] : [{ kubeconfigFile: said.kubeconfigFile }]),
      ...(said.enabled === false ? [{ enabled: false } as const] : []),
    ];
    if (chosen.length === 0 && said.inCluster === undefined) return { inCluster: true };
    const [only] = chosen;
    if (only !== undefined && chosen.length === 1) return only;
    context.addIssue({
      code: 'custom',
      message:
        'says where the cluster is more than once or not at all; write exactly one of `inCluster: true`, `kubeconfigFile: PATH`, `enabled: false`',
    });
    return z.NEVER;
  });

/** `prometheus`: optional; without it only CI speaks for a candidate. */
export const prometheusSchema = group({
  url: address('http://prometheus.monitoring.svc:9090').describe('Address of the Prometheus HTTP API.'),
  tokenFile: tokenFile('/run/secrets/prometheus/token', 'a bearer token'),
  caFile: caFile(),
  namespaceLabel: text('a label name', 'exported_namespace', /^[a-zA-Z_][a-zA-Z0-9_]*$/)
    .describe('Label of argocd_app_info that holds the namespace of the Application; absent = found out.')
    .optional(),
})
  .describe(
    'Metrics with argocd_app_info. Absent = candidates are judged by CI alone and nothing merges by itself (I5).',
  )
  .transform(compact);

const REPOSITORY = /^(https?:\/\/[^\s/?#@]+(?:\/[^\s/?#]+)*)\/([-\w.]+)\/([-\w.]+?)(?:\.git)?\/?$/;
const requiredCheck = group({
  context: text('the name of a check', 'validate').describe('Name of the check run or commit status.'),
  appId: identity()
    .describe('Id of the GitHub App it must come from; without it anybody with write access can post it.')
    .optional(),
});
const ci = group({
  required: list(requiredCheck, '[{ context: validate }]')
    .default([])
    .describe('Checks that must succeed, beside those the branch requires (I6).'),
  allowNoChecks: flag().default(false).describe('Relaxation of I6: a pull request without any check counts as passed.'),
  failOnOptionalFailure: flag().default(true).describe('A failed check that is not required also fails I6.'),
});
const repository = group({
  url: text('the https address of a repository', 'https://github.com/acme/gitops', REPOSITORY).describe(
    'Address of the repository, as Argo CD uses it or its https form.',
  ),
  allApplicationsVisible: flag()
    .default(false)
    .describe('The operator sees every application that renders from this repository (I1). Say true only if it is so.'),
  ci: ci.prefault({}).describe('Checks of a rollback pull request.'),
  mergeMethod: word(['merge', 'squash', 'rebase'])
    .describe('Absent = the first that the repository allows.')
    .optional(),
}).transform(({ url, ci: checks, ...rest }): RepositorySettings => {
  const [, base = '', owner = '', repositoryName = ''] = REPOSITORY.exec(url) ?? [];
  return {
    url: `${base}/${owner}/${repositoryName}`,
    owner,
    name: repositoryName,
    requiredChecks: checks.required.map(({ context, appId }) => compact({ name: context, appId })),
    allowNoChecks: checks.allowNoChecks,
    failOnOptionalFailure: checks.failOnOptionalFailure,
    ...compact(rest),
  };
});
/** `repositories`: where rollbacks may be proposed. */
export const repositoriesSchema = list(repository, '[{ url: https://github.com/acme/gitops }]')
  .min(1, { error: 'is empty, so nothing could be rolled back; write `- { url: https://github.com/acme/gitops }`' })
  .describe('Repositories in which rollbacks may be proposed. Applications of other repositories are only watched.');
