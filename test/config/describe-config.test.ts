import { expect } from 'chai';
import { parse } from 'yaml';
import { describeConfig, describeConfigYaml } from '../../src/config/describe-config.js';
import { ConfigFolder, LEAST } from './config-folder.js';

describe('config print', () => {
  const folder = new ConfigFolder();
  after(() => {
    folder.remove();
  });
  const yaml = `${LEAST}timing: { syncTimeout: 5m }
notify: { webhooks: [{ name: chat, url: "https://chat.example/hook/0123456789" }] }
`;
  const env = {
    AI_OPERATOR_HTTP__PORT: '8081',
    AI_OPERATOR_PROMETHEUS__URL: 'https://p',
    AI_OPERATOR_PROMETHEUS__TOKEN: 'hidden-token',
  };
  const flags = [{ flag: '--log-level', key: 'log.level', value: 'debug' }];
  const loaded = () => folder.load(yaml, { env, flags });

  it('tells where each value comes from', () => {
    const origins = Object.fromEntries(
      describeConfig(loaded()).map(({ key, value, origin }) => [key, [value, origin]]),
    );
    expect(origins).to.deep.include({
      instance: ['ai-operator', 'default'],
      'environments.staging.match.projects': [['staging'], 'prod.yaml:2:23'],
      'environments.staging.paths': [[], 'default'],
      'argocd.tokenFile': ['argocd.token', 'prod.yaml:3:40, secret file'],
      'github.apiUrl': ['https://api.github.com', 'default'],
      'kubernetes.inCluster': [true, 'default'],
      'prometheus.url': ['https://p', 'AI_OPERATOR_PROMETHEUS__URL'],
      'prometheus.token': ['[redacted]', 'AI_OPERATOR_PROMETHEUS__TOKEN'],
      'timing.syncTimeout': ['5m', 'prod.yaml:6:11'],
      'http.port': [8081, 'AI_OPERATOR_HTTP__PORT'],
      'http.host': ['127.0.0.1', 'default'],
      'log.level': ['debug', '--log-level'],
    });
    expect(Object.keys(origins).filter((key) => key.startsWith('environments.production'))).to.deep.equal([]);
  });

  it('shows no secret and no address that is one', () => {
    const text = describeConfigYaml(loaded());
    expect(text).to.not.match(/hidden-token|argocd-secret|github-secret|0123456789/);
    expect(text).to.contain('url: https://chat.example/[redacted]');
  });

  it('is YAML, with the origin behind every value, and loads to the same configuration', () => {
    const plain = folder.load(LEAST);
    const text = describeConfigYaml(plain);
    expect(text).to.contain('timing:\n  HEALTH_CHECK_INTERVAL: 10s  # default\n');
    expect(text).to.contain('argocd:\n  url: https://argocd.example  # prod.yaml:3:11\n');
    expect(parse(text)).to.have.property('instance', 'ai-operator');
    const again = folder.load(text);
    expect(again.config).to.deep.equal(plain.config);
  });
});
