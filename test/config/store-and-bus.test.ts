import { expect } from 'chai';
import { ConfigFolder, LEAST } from './config-folder.js';

const more = (yaml: string): string => `${LEAST}${yaml}\n`;
const etcd = (yaml: string): string => more(`store: { kind: etcd, ${yaml} }`);

/** What is written, and the one line that is answered. */
const FAULTS: readonly (readonly [what: string, yaml: string, line: string])[] = [
  [
    'an unknown store',
    more('store: { kind: redis }'),
    'prod.yaml:6:10  store.kind: `redis` is not allowed; write one of `memory`, `etcd`',
  ],
  [
    'endpoints without etcd',
    more('store: { kind: memory, endpoints: ["http://e:1"] }'),
    'prod.yaml:6:24  store.endpoints: belongs to etcd; write `kind: etcd` or remove it',
  ],
  [
    'etcd without endpoints',
    more('store: { kind: etcd }'),
    'prod.yaml:6:1  store.endpoints: missing; write the addresses of etcd, such as `["https://etcd:2379"]`',
  ],
  [
    'an endpoint without a scheme',
    etcd('endpoints: ["etcd:2379"]'),
    'prod.yaml:6:34  store.endpoints[0]: `etcd:2379` is not an http or https address; write it like `https://etcd:2379`',
  ],
  [
    'http beside https',
    etcd('endpoints: ["http://a:1", "https://b:1"]'),
    'prod.yaml:6:22  store.endpoints: mixes https and http; write all of them as https',
  ],
  [
    'a CA without TLS',
    etcd('endpoints: ["http://a:1"], caFile: /ca'),
    'prod.yaml:6:49  store.caFile: has no effect with http endpoints; write them as https',
  ],
  [
    'a user without a password',
    etcd('endpoints: ["https://a:1"], username: u'),
    'prod.yaml:6:1  store.passwordFile: missing; username needs it',
  ],
  [
    'a certificate without its key',
    etcd('endpoints: ["https://a:1"], certFile: /c'),
    'prod.yaml:6:1  store.keyFile: missing; certFile needs it',
  ],
  [
    'a password in the file',
    etcd('endpoints: ["https://a:1"], password: u'),
    'prod.yaml:6:50  store.password: a secret does not belong into a configuration file; write `passwordFile: PATH`',
  ],
  [
    'servers without NATS',
    more('bus: { servers: ["nats://n:1"] }'),
    'prod.yaml:6:8  bus.servers: belongs to NATS; write `kind: nats` or remove it',
  ],
  [
    'NATS without servers',
    more('bus: { kind: nats }'),
    'prod.yaml:6:1  bus.servers: missing; write the addresses of NATS, such as `["nats://nats:4222"]`',
  ],
  [
    'a password in the address of NATS',
    more('bus: { kind: nats, servers: ["nats://u:p@n:1"] }'),
    'prod.yaml:6:30  bus.servers[0]: `nats://[redacted]@n:1` is not a NATS address; write it like `nats://nats:4222`',
  ],
  [
    'two credentials for NATS',
    more('bus: { kind: nats, servers: ["tls://n:1"], credentialsFile: /c, tokenFile: /t }'),
    'prod.yaml:6:65  bus.tokenFile: is given beside credentialsFile; keep one of them',
  ],
  [
    'a token beside a user of NATS',
    more('bus: { kind: nats, servers: ["tls://n:1"], tokenFile: /t, username: u, passwordFile: /p }'),
    'prod.yaml:6:59  bus.username: is given beside tokenFile; keep one of them',
  ],
  [
    'a user of NATS without a password',
    more('bus: { kind: nats, servers: ["tls://n:1"], username: u }'),
    'prod.yaml:6:1  bus.passwordFile: missing; username needs it',
  ],
];

describe('store and bus of the configuration', () => {
  let folder: ConfigFolder;
  beforeEach(() => {
    folder = new ConfigFolder();
    folder.write('ca.crt', '-----BEGIN CERTIFICATE-----\n');
    folder.write('tls.key', '-----BEGIN PRIVATE KEY-----\n');
    folder.write('secret', 'word');
  });
  afterEach(() => folder.remove());
  for (const [what, yaml, line] of FAULTS) {
    it(`names the line and the mend: ${what}`, () => {
      expect(folder.faults(yaml, { checkFiles: false })).to.deep.equal([line]);
    });
  }
  it('takes etcd with TLS and a password, paths made absolute', () => {
    const { store } = folder.load(
      etcd(
        'endpoints: ["https://a:2379/"], username: u, passwordFile: secret, caFile: ca.crt, certFile: ca.crt, keyFile: tls.key',
      ),
    ).config;
    expect(store).to.deep.include({ kind: 'etcd', endpoints: ['https://a:2379'], username: 'u' });
    expect(folder.load(etcd('endpoints: ["https://a:1"], caFile: ca.crt'), { checkFiles: false }).config.store)
      .to.have.property('caFile')
      .that.matches(/^\/.*ca\.crt$/);
  });
  it('takes NATS', () => {
    const { bus } = folder.load(
      more('bus: { kind: nats, servers: ["tls://n:4222"], tokenFile: secret, caFile: ca.crt }'),
    ).config;
    expect(bus).to.deep.include({ kind: 'nats', servers: ['tls://n:4222'] });
  });
  it('warns of secrets in clear text, but not on this machine', () => {
    const warnings = (yaml: string): readonly string[] => folder.load(yaml).warnings;
    expect(warnings(etcd('endpoints: ["http://a:1"], username: u, passwordFile: secret')).join()).to.include(
      'store.endpoints is http, so the password travels in clear text',
    );
    expect(warnings(etcd('endpoints: ["http://127.0.0.1:1"], username: u, passwordFile: secret'))).to.deep.equal([]);
    expect(warnings(more('bus: { kind: nats, servers: ["nats://n:1"], tokenFile: secret }')).join()).to.include(
      'bus.servers is not encrypted, so the token travels',
    );
    const user = 'username: u, passwordFile: secret }';
    expect(warnings(more(`bus: { kind: nats, servers: ["nats://n:1"], ${user}`)).join()).to.include(
      'bus.servers is not encrypted, so the password travels',
    );
    expect(warnings(more(`bus: { kind: nats, servers: ["tls://n:1"], ${user}`))).to.deep.equal([]);
  });
});
