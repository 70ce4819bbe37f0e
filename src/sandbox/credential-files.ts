import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Sandbox } from './sandbox.js';

/** Where the credentials of a sandbox have been written. */
export interface CredentialFiles {
  readonly argocdToken: string;
  readonly githubToken: string;
  readonly githubAppKey: string;
  readonly kubernetesToken: string;
  readonly kubeconfig: string;
}

/** Writes the sandbox's credentials into a folder (mode 0700), each file readable by its owner alone. */
export async function writeCredentialFiles(sandbox: Sandbox, directory: string): Promise<CredentialFiles> {
  const { credentials, urls } = sandbox;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const write = async (name: string, text: string): Promise<string> => {
    const path = join(directory, name);
    const draft = `${path}.new`;
    await writeFile(draft, text, { mode: 0o600 });
    await rename(draft, path);
    return path;
  };
  return {
    argocdToken: await write('argocd.token', credentials.argocdToken),
    githubToken: await write('github.token', credentials.githubToken),
    githubAppKey: await write('github-app.pem', credentials.githubApp.privateKeyPem),
    kubernetesToken: await write('kubernetes.token', credentials.kubernetesToken),
    kubeconfig: await write('kubeconfig', kubeconfig(urls.kubernetes, credentials.kubernetesToken)),
  };
}

/** The client library refuses plain http unless verification of certificates is switched off. */
function kubeconfig(server: string, token: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'sandbox', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'ai-operator', user: { token } }],
    contexts: [{ name: 'sandbox', context: { cluster: 'sandbox', user: 'ai-operator', namespace: 'default' } }],
    'current-context': 'sandbox',
  });
}
