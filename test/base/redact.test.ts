import { expect } from 'chai';
import { redactText } from '../../src/base/redact.js';

describe('redactText', () => {
  const jwt = `eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJvcGVyYXRvciJ9.${'Sig_-9'.repeat(8)}`;
  const secrets: readonly (readonly [string, string])[] = [
    ['a classic GitHub token', `ghp_${'a1B2'.repeat(9)}`],
    ['an installation token that holds a JWT', `ghs_12345_${jwt}`],
    ['an OAuth token', `gho_${'Z9y8'.repeat(9)}`],
    ['a fine-grained token', `github_pat_11ABCDEFG0${'abc_123'.repeat(8)}`],
    ['a JWT (Argo CD, a Kubernetes service account)', jwt],
    ['a private key', `-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7\nabc\n-----END RSA PRIVATE KEY-----`],
    ['a private key whose end was cut off', `-----BEGIN PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7abc`],
    [
      'a private key with its line breaks taken out',
      `-----BEGIN EC PRIVATE KEY----- MIIEpAIBAAKCAQEA7 -----END EC PRIVATE KEY-----`,
    ],
    ['a Slack token', 'xoxb-123456789012-abcdefABCDEF'],
    ['a GitLab token', 'glpat-abcdEFGH1234567890'],
    ['an AWS key id', 'AKIAIOSFODNN7EXAMPLE'],
  ];
  for (const [what, secret] of secrets) {
    it(`takes out ${what}, wherever it stands`, () => {
      for (const around of ['S', 'before S after', '"S"', '(S)', '=S;', 'a:S,b', '_S']) {
        const text = redactText(around.replace('S', () => secret));
        expect(text, around).to.contain('[redacted]');
        expect(text, around).to.not.contain(secret.slice(-12));
      }
    });
  }

  const texts: readonly (readonly [string, string])[] = [
    ['Authorization: Bearer abcDEF123456', 'Authorization: Bearer [redacted]'],
    ['authorization: token 0123456789abcdef', 'authorization: token [redacted]'],
    ['Basic dXNlcjpwYXNzd29yZA==', 'Basic [redacted]'],
    ['https://user:pa55@git.example/acme.git', 'https://[redacted]@git.example/acme.git'],
    ['http://:pa55@proxy:3128', 'http://[redacted]@proxy:3128'],
    ['https://0123456789abcdef0123@github.com/acme/a', 'https://[redacted]@github.com/acme/a'],
    ['https://hooks.slack.com/services/T0/B0/xyz', 'https://hooks.slack.com/[redacted]'],
    ['GET /a?access_token=abcd1234&b=1', 'GET /a?access_token=[redacted]&b=1'],
    ['password=correct-horse', 'password=[redacted]'],
    ['{"token":"0123456789abcdef"}', '{"token":"[redacted]"}'],
  ];
  for (const [text, expected] of texts) {
    it(`turns ${text.slice(0, 24)}... into ${expected}`, () => {
      expect(redactText(text)).to.equal(expected);
    });
  }

  it('leaves prose, addresses, commits and paths alone', () => {
    const harmless = [
      'basic authentication is not supported',
      'the bearer token expired yesterday',
      'token: refused by Argo CD',
      'https://github.com/acme/gitops/pull/12',
      'http://127.0.0.1:8080/a@b',
      'mail@example.org',
      '4b825dc642cb6eb9a060e54bf8d69288fbee4904',
      'tokenFile: /run/secrets/argocd/token',
      'git@github.com:acme/gitops',
      'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      'high_level ghost_town',
    ];
    expect(harmless.map(redactText)).to.deep.equal(harmless);
  });

  it('is not slowed down by hostile texts', () => {
    const started = performance.now();
    for (const text of [
      'a'.repeat(8_192),
      'http://'.repeat(1_200),
      'eyJ.'.repeat(2_000),
      'Bearer '.repeat(1_200),
      `${'a'.repeat(8_000)}://`,
      '-----BEGIN PRIVATE KEY-----'.repeat(300),
      'token:'.repeat(1_300),
      `https://${'a:'.repeat(4_000)}`,
    ]) {
      redactText(text);
    }
    expect(performance.now() - started).to.be.below(1_000);
  });
});
