import { renameSync, rmSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { OperatorError } from '../../src/base/errors.js';
import { Secret } from '../../src/base/secret.js';
import { githubCredentials, SecretFile, secretSource } from '../../src/config/secret-file.js';
import { ConfigFolder, LEAST } from './config-folder.js';

const PEM = '-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\n';

describe('a secret file', () => {
  let folder: ConfigFolder;
  beforeEach(() => {
    folder = new ConfigFolder();
  });
  afterEach(() => {
    folder.remove();
  });
  const at = (name: string): string => path.join(folder.path, name);
  const failure = (act: () => unknown): OperatorError => {
    try {
      act();
    } catch (error) {
      if (error instanceof OperatorError) return error;
      throw error;
    }
    throw new Error('did not fail');
  };

  it('is refused at the start when it is missing, empty, a folder or holds something else', () => {
    folder.write('empty', ' \n');
    folder.write('two', 'one two\n');
    const yaml = [
      'environments: { staging: { match: { projects: [a] }, mode: off } }',
      'argocd: { url: https://a, tokenFile: nowhere, caFile: two }',
      'github: { appId: 1, installationId: 2, privateKeyFile: two }',
      'repositories: [{ url: https://github.com/acme/gitops }]',
      'prometheus: { url: https://p, tokenFile: empty }',
      'kubernetes: { kubeconfigFile: . }',
      'http: { tokensFile: prod.yaml/x }',
      'notify: { webhooks: [{ name: a, urlFile: two, tokenFile: two }] }',
    ].join('\n');
    expect(folder.faults(yaml)).to.deep.equal([
      'prod.yaml:2:27  argocd.tokenFile: FOLDER/nowhere cannot be read: no such file; create it or correct the path',
      'prod.yaml:2:47  argocd.caFile: FOLDER/two does not hold a certificate; write it as PEM, beginning with -----BEGIN CERTIFICATE-----',
      'prod.yaml:3:40  github.privateKeyFile: FOLDER/two does not hold a private key; write it as PEM, as GitHub gave it',
      'prod.yaml:5:31  prometheus.tokenFile: FOLDER/empty is empty; write the secret into it',
      'prod.yaml:6:15  kubernetes.kubeconfigFile: FOLDER cannot be read: it is a folder; create it or correct the path',
      'prod.yaml:7:9  http.tokensFile: FOLDER/prod.yaml/x cannot be read: a part of its path is no folder; create it or correct the path',
      'prod.yaml:8:33  notify.webhooks[0].urlFile: FOLDER/two does not hold one http or https address alone',
      'prod.yaml:8:47  notify.webhooks[0].tokenFile: FOLDER/two does not hold one token alone; write nothing else into it',
    ]);
    expect(folder.faults(yaml, { checkFiles: false })).to.deep.equal([]);
  });

  it('is read again when it changed, also when it is swapped for another of the same size and time', () => {
    folder.write('t', 'first\n');
    const file = new SecretFile('argocd.tokenFile', at('t'));
    expect(file.current().reveal()).to.equal('first');
    expect(file.current()).to.equal(file.current());
    folder.write('t.new', 'other\n');
    utimesSync(at('t.new'), new Date(0), new Date(0));
    utimesSync(at('t'), new Date(0), new Date(0));
    expect(file.current().reveal()).to.equal('first');
    renameSync(at('t.new'), at('t'));
    expect(file.current().reveal()).to.equal('other');
  });

  it('that was never readable is a fault of the configuration; one that vanished is worth another try', () => {
    const never = failure(() => new SecretFile('argocd.tokenFile', at('nowhere')).current());
    expect(never).to.include({
      code: 'SECRET_UNREADABLE',
      category: 'config',
      message: `argocd.tokenFile: ${at('nowhere')} cannot be read: no such file`,
    });
    folder.write('t', 'first\n');
    const file = new SecretFile('argocd.tokenFile', at('t'));
    file.current();
    folder.write('t', '\n');
    expect(failure(() => file.current())).to.include({
      category: 'transient',
      message: `argocd.tokenFile: ${at('t')} is empty`,
    });
    rmSync(at('t'));
    expect(failure(() => file.current()).category).to.equal('transient');
    folder.write('t', 'second\n');
    expect(file.current().reveal()).to.equal('second');
  });

  it('outranks the value from the environment', () => {
    folder.write('t', 'from-file\n');
    const value = new Secret('from-environment');
    expect(secretSource('k', at('t'), value)?.current().reveal()).to.equal('from-file');
    expect(secretSource('k', undefined, value)?.current().reveal()).to.equal('from-environment');
    expect(secretSource('k', undefined, undefined)).to.equal(undefined);
  });

  it('tells who the operator is on GitHub: a token, or an App', () => {
    const byToken = githubCredentials(folder.load(LEAST).config.github);
    expect(byToken.kind === 'token' && byToken.token.current().reveal()).to.equal('github-secret');
    folder.write('key.pem', PEM);
    const app = LEAST.replace(
      '{ tokenFile: github.token }',
      '{ appId: 1, installationId: 2, privateKeyFile: key.pem }',
    );
    const byApp = githubCredentials(folder.load(app).config.github);
    expect(
      byApp.kind === 'app' && [byApp.appId, byApp.installationId, byApp.privateKey.current().reveal()],
    ).to.deep.equal([1, 2, PEM.trim()]);
    const env = { AI_OPERATOR_GITHUB__PRIVATE_KEY: PEM };
    const fromEnvironment = githubCredentials(
      folder.load(app.replace(', privateKeyFile: key.pem', ''), { env }).config.github,
    );
    expect(fromEnvironment.kind === 'app' && fromEnvironment.privateKey.current().reveal()).to.equal(PEM.trim());
  });

  it('derives the address of the API from that of GitHub', () => {
    const apiOf = (url: string): string =>
      folder.load(LEAST.replace('{ tokenFile', `{ url: "${url}", tokenFile`).replace('https://github.com', url)).config
        .github.apiUrl;
    expect(['https://github.com', 'https://acme.ghe.com', 'https://git.acme.example'].map(apiOf)).to.deep.equal([
      'https://api.github.com',
      'https://api.acme.ghe.com',
      'https://git.acme.example/api/v3',
    ]);
  });
});
