import { expect } from 'chai';
import type { OperatorConfig } from '../../src/config/operator-config.js';
import { ConfigFolder, LEAST } from './config-folder.js';

describe('environment variables', () => {
  const folder = new ConfigFolder();
  after(() => {
    folder.remove();
  });
  const config = (yaml = LEAST, inputs = {}): OperatorConfig => folder.load(yaml, inputs).config;

  it('can be given by environment variables alone', () => {
    const env = {
      AI_OPERATOR_ENVIRONMENTS__STAGING__MODE: 'observe',
      AI_OPERATOR_ENVIRONMENTS__STAGING__MATCH__PROJECTS: 'staging, team-a',
      AI_OPERATOR_ARGOCD__URL: 'https://argocd.example/',
      AI_OPERATOR_ARGOCD__TOKEN_FILE: 'argocd.token',
      AI_OPERATOR_GITHUB__TOKEN: 'ghp_0123456789abcdef',
      AI_OPERATOR_REPOSITORIES:
        '[{"url": "https://github.com/acme/gitops.git", "ci": {"required": [{"context": "validate", "appId": 15368}]}}]',
      AI_OPERATOR_TIMING__HEALTH_CHECK_INTERVAL: '5s',
      AI_OPERATOR_KUBERNETES__ENABLED: 'false',
    };
    const seen = folder.load('', { env }).config;
    expect(seen.environments.staging?.match.projects).to.deep.equal(['staging', 'team-a']);
    expect(seen.argocd.url).to.equal('https://argocd.example');
    expect(seen.repositories[0]?.requiredChecks).to.deep.equal([{ name: 'validate', appId: 15_368 }]);
    expect(seen.timing.HEALTH_CHECK_INTERVAL).to.equal(5_000);
    expect(seen.kubernetes).to.deep.equal({ enabled: false });
    expect(seen.github.token?.reveal()).to.equal('ghp_0123456789abcdef');
  });

  it('holds a secret from the environment so that it cannot be printed', () => {
    const seen = config(LEAST, {
      env: { AI_OPERATOR_PROMETHEUS__URL: 'http://p', AI_OPERATOR_PROMETHEUS__TOKEN: 'hidden' },
    });
    expect(JSON.stringify(seen)).to.not.contain('hidden');
    expect(seen.prometheus?.token?.reveal()).to.equal('hidden');
  });

  it('does not mistake the variables that Kubernetes sets for a Service of this name for settings', () => {
    const env = {
      AI_OPERATOR_PORT: 'tcp://10.0.0.1:8080',
      AI_OPERATOR_SERVICE_HOST: '10.0.0.1',
      AI_OPERATOR_SERVICE_PORT: '8080',
      AI_OPERATOR_SERVICE_PORT_HTTP: '8080',
      AI_OPERATOR_PORT_8080_TCP: 'tcp://10.0.0.1:8080',
      AI_OPERATOR_PORT_8080_TCP_ADDR: '10.0.0.1',
      AI_OPERATOR_METRICS_SERVICE_HOST: '10.0.0.2',
      AI_OPERATOR_METRICS_PORT_9090_TCP_PROTO: 'tcp',
      UNRELATED: 'x',
    };
    expect(folder.faults(LEAST, { env })).to.deep.equal([]);
  });

  it('lets the variables of the command line and of the image be', () => {
    const env = {
      AI_OPERATOR_SERVER: 'http://127.0.0.1:8080',
      AI_OPERATOR_TOKEN_FILE: '/run/me/token',
      AI_OPERATOR_BUILD_COMMIT: 'unknown',
    };
    expect(folder.faults(LEAST, { env })).to.deep.equal([]);
  });

  it('takes no text for a switch but true and false', () => {
    for (const text of ['0', '1', 'no', 'off', 'False', 'TRUE', 'yes']) {
      expect(folder.faults(LEAST, { env: { AI_OPERATOR_DEVELOPMENT: text } })).to.deep.equal([
        `AI_OPERATOR_DEVELOPMENT  development: \`${text}\` is not a switch; write true or false`,
      ]);
    }
    for (const text of ['', '  ']) {
      expect(folder.faults(LEAST, { env: { AI_OPERATOR_DEVELOPMENT: text } })).to.deep.equal([
        'AI_OPERATOR_DEVELOPMENT  development: is empty; give it a value or unset it',
      ]);
    }
    expect(config(LEAST, { env: { AI_OPERATOR_DEVELOPMENT: 'true' } }).development).to.equal(true);
  });

  it('tells an unknown variable, and which one was probably meant', () => {
    const env = {
      AI_OPERATOR_ARGOCD_URL: 'x',
      AI_OPERATOR_GITHUB__TOKENN: 'x',
      AI_OPERATOR_SOMETHING: 'x',
      AI_OPERATOR_REPOSITORIES: '[{',
    };
    expect(folder.faults(LEAST, { env })).to.deep.equal([
      'AI_OPERATOR_ARGOCD_URL  unknown variable; did you mean `AI_OPERATOR_ARGOCD__URL`?',
      'AI_OPERATOR_GITHUB__TOKENN  unknown variable; did you mean `AI_OPERATOR_GITHUB__TOKEN`?',
      'AI_OPERATOR_REPOSITORIES  repositories: begins like a JSON list but is none; write for instance `["a", "b"]` or `a,b`',
      'AI_OPERATOR_SOMETHING  unknown variable; nesting is a double underscore, as in `AI_OPERATOR_ARGOCD__URL`',
    ]);
  });
});
