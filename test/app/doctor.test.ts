import { expect } from 'chai';
import { join } from 'node:path';
import { SystemClock } from '../../src/base/clock.js';
import { DoctorBench, textOf, verdictsOf } from './doctor-bench.js';

const NOBODY = 'http://127.0.0.1:1';
const REPOSITORY = 'github acme/gitops';

describe('doctor', function () {
  this.timeout(60_000);
  let bench: DoctorBench;
  before(async () => {
    bench = await DoctorBench.start();
  });
  afterEach(() => {
    bench.sandbox.faults.clear();
  });
  after(() => bench.close());

  it('finds no fault where the operator can work, and calls nothing but GET', async () => {
    const report = await bench.diagnose();
    expect([report.failed, verdictsOf(report, 'fault')]).to.deep.equal([false, []]);
    expect(textOf(report, 'argocd'))
      .to.contain('logged in as ai-operator')
      .and.to.contain('sees 5 applications: 3 staging, 2 production, 0 unmanaged');
    expect(textOf(report, 'github')).to.contain('acts as ai-operator[bot]').and.to.contain('calls are left');
    expect(textOf(report, REPOSITORY)).to.contain('can be pushed to').and.to.contain('main: expected checks validate');
    expect(textOf(report, 'kubernetes')).to.contain('may read Deployment').and.to.contain('may list the pods');
    expect(textOf(report, 'prometheus')).to.contain('covered to 100 %');
    expect([...new Set(bench.sandbox.stage.journal.entries.map((e) => e.method))]).to.deep.equal(['GET']);
  });
  it('says for every managed staging application which rules cannot hold today, and the key that relaxes each', async () => {
    const report = await bench.diagnose();
    expect(verdictsOf(report, 'warning').filter((s) => s.startsWith('application'))).to.deep.equal([
      'application argocd/catalog-staging',
      'application argocd/search-staging',
    ]);
    expect(verdictsOf(report, 'ok').filter((s) => s.startsWith('application'))).to.deep.equal([
      'application argocd/checkout-staging',
    ]);
    expect(textOf(report, 'application argocd/catalog-staging'))
      .to.contain('I3_replica_shortage: Deployment catalog has 2 replicas')
      .and.to.contain('-> relaxed by: I3: invariants.replicaShortage: updated');
  });
  it('shows the worst first, below a line that counts', async () => {
    const { text, findings } = await bench.diagnose({ argocd: { url: NOBODY } });
    expect(text.split('\n')[0]).to.match(/^\d+ faults?, \d+ warnings?, \d+ ok$/);
    const ranks = findings.map((f) => ['fault', 'warning', 'ok'].indexOf(f.verdict));
    expect(ranks).to.deep.equal(ranks.toSorted((a, b) => a - b));
    expect(text.split('\n').every((line) => line.length <= 120 || !line.trim().includes(' '))).to.equal(true);
  });
  it('never prints a secret, whatever goes wrong', async () => {
    const secrets = await bench.secrets();
    expect(secrets.every((s) => s.length > 10)).to.equal(true);
    await bench.write('spoilt.token', `${secrets[0] ?? ''}x`);
    const reports = [
      await bench.diagnose(),
      await bench.diagnose({ argocd: { tokenFile: join(bench.directory, 'spoilt.token') } }),
    ];
    for (const report of reports)
      for (const secret of secrets) expect(report.text + JSON.stringify(report.findings)).not.to.contain(secret);
  });

  describe('reports, without hiding what the others have to say:', () => {
    const UPSTREAMS = [
      ['argocd', { argocd: { url: NOBODY } }, 'ARGOCD_UNREACHABLE'],
      ['github', { github: { apiUrl: NOBODY } }, 'GITHUB_UNREACHABLE'],
      ['prometheus', { prometheus: { url: NOBODY } }, 'PROMETHEUS_UNREACHABLE'],
    ] as const;
    for (const [upstream, overrides, code] of UPSTREAMS) {
      it(`an unreachable ${upstream}`, async () => {
        const report = await bench.diagnose(overrides);
        expect(textOf(report, upstream)).to.contain(`[${code}]`).and.to.contain('->');
        expect(report.failed).to.equal(true);
        const others = ['audit', 'argocd', 'github', 'kubernetes', 'prometheus'].filter((s) => s !== upstream);
        for (const other of others) expect(verdictsOf(report, 'ok'), other).to.include(other);
      });
    }
    it('a kubeconfig that leads nowhere', async () => {
      await bench.write(
        'elsewhere',
        'apiVersion: v1\nkind: Config\ncurrent-context: x\ncontexts: []\nclusters: []\nusers: []\n',
      );
      const report = await bench.diagnose({ kubernetes: { kubeconfigFile: join(bench.directory, 'elsewhere') } });
      expect(verdictsOf(report, 'fault')).to.deep.equal(['kubernetes']);
    });
    it('something else at the address of Argo CD and of GitHub', async () => {
      const argocd = await bench.diagnose({ argocd: { url: bench.sandbox.urls.prometheus } });
      expect(textOf(argocd, 'argocd')).to.contain('ARGOCD_NOT_JSON').and.to.contain('Correct argocd.url');
      const github = await bench.diagnose({ github: { apiUrl: bench.sandbox.urls.prometheus } });
      expect(textOf(github, 'github')).to.match(/fault: .*\[GITHUB_\w+\] -> Correct github\.apiUrl/);
    });
    it('an upstream that hangs, after its deadline', async () => {
      bench.sandbox.faults.add({ server: 'prometheus', fault: { kind: 'hang' }, times: Infinity });
      const report = await bench.diagnose({}, new ImpatientClock());
      expect(textOf(report, 'prometheus')).to.contain('fault: no end within 60 s');
    });
  });

  describe('calls a fault', () => {
    it('an expired GitHub token', async () => {
      await bench.write('old.token', 'ghp_0123456789012345678901234567890123456');
      const report = await bench.diagnose({ github: { tokenFile: join(bench.directory, 'old.token') } });
      expect(textOf(report, 'github')).to.contain('fault:').and.to.contain('Renew the credential');
    });
    it('an Argo CD that took the call as anonymous', async () => {
      bench.sandbox.faults.add({
        server: 'argocd',
        path: '/api/v1/session/userinfo',
        fault: { kind: 'status', status: 200, body: { loggedIn: false } },
      });
      expect(textOf(await bench.diagnose(), 'argocd'))
        .to.contain('fault:')
        .and.to.contain('as anonymous')
        .and.to.contain('users.anonymous.enabled');
    });
    it('a project that may not be read', async () => {
      bench.sandbox.faults.add({
        server: 'argocd',
        path: /can-i\/applications\/get\/staging/,
        fault: { kind: 'status', status: 200, body: { value: 'no' } },
      });
      expect(textOf(await bench.diagnose(), 'argocd')).to.contain(
        'fault: may not get applications of project staging -> Add to policy.csv',
      );
    });
    it('a repository that does not exist', async () => {
      const report = await bench.diagnose({ repositories: [{ url: 'https://github.com/acme/nothing' }] });
      expect(textOf(report, 'github acme/nothing')).to.match(
        /^fault: .*GITHUB_NOT_FOUND.* -> Correct repositories\[\]\.url/,
      );
    });
    it('an audit directory that cannot be written', async () => {
      await bench.write('a-file', 'not a directory');
      const audit = { directory: join(bench.directory, 'a-file', 'audit') };
      expect(textOf(await bench.diagnose({ audit }), 'audit'))
        .to.contain('fault:')
        .and.to.contain('without an audit log nothing is done');
    });
    it('a faulty file of tokens', async () => {
      await bench.write('tokens.yaml', '- { name: ada, role: king, sha256: 00 }\n');
      const report = await bench.diagnose({ http: { tokensFile: join(bench.directory, 'tokens.yaml') } });
      expect(textOf(report, 'http')).to.contain('fault:').and.to.contain('HTTP_TOKENS_INVALID');
    });
  });

  describe('warns of', () => {
    it('rights that the operator never needs', async () => {
      bench.sandbox.faults.add({
        server: 'argocd',
        path: /can-i\/applications\/(?:sync|delete)\/staging/,
        fault: { kind: 'status', status: 200, body: { value: 'yes' } },
        times: 2,
      });
      expect(textOf(await bench.diagnose(), 'argocd')).to.contain(
        'warning: may sync, delete applications of project staging, which the operator never needs',
      );
    });
    it('a clock that is off', async () => {
      const clock = new SkewedClock(12_000);
      expect(textOf(await bench.diagnose({}, clock), 'github')).to.match(
        /warning: the clock of this machine is 1[12] s ahead of GitHub's/,
      );
    });
    it('an engaged kill file', async () => {
      await bench.write('stop', 'strange things\n');
      expect(textOf(await bench.diagnose({ killFile: join(bench.directory, 'stop') }), 'kill file'))
        .to.contain('warning:')
        .and.to.contain('strange things');
    });
    it('no metrics at all, and what follows from it', async () => {
      const report = await bench.diagnose({ prometheus: null });
      expect(textOf(report, 'prometheus')).to.contain('nothing is merged by itself (I5)');
      expect(textOf(report, 'application argocd/checkout-staging')).to.contain(
        'I5_stable_previous: metrics are unavailable',
      );
    });
    it('an environment without a visible application', async () => {
      const report = await bench.diagnose({ environments: { staging: { match: { projects: ['elsewhere'] } } } });
      expect(textOf(report, 'argocd')).to.contain('warning: no visible application belongs to staging');
    });
  });
});

describe('doctor on a repository whose rules contradict autonomy', function () {
  this.timeout(60_000);
  const rules = { requiredApprovals: 1, requiredChecks: [], signatures: true };
  let bench: DoctorBench;
  before(async () => {
    bench = await DoctorBench.start({ github: { rules, archived: true, mergeMethods: ['squash'] } });
  });
  after(() => bench.close());

  it('names each contradiction, and the way out', async () => {
    const text = textOf(
      await bench.diagnose({ repositories: [{ url: 'https://github.com/acme/gitops', allApplicationsVisible: true }] }),
      REPOSITORY,
    );
    expect(text).to.contain('fault: is archived');
    expect(text).to.contain(
      'warning: main requires 1 approving review; environments.staging.mode is auto, and nothing is merged by itself (I8) -> Take the rule',
    );
    expect(text).to.contain('warning: main requires signed commits');
    expect(text).to.contain('warning: main: no check is expected');
  });
  it('has nothing against reviews where people merge anyway', async () => {
    const text = textOf(await bench.diagnose({ environments: { staging: { mode: 'propose' } } }), REPOSITORY);
    expect(text).to.contain('ok: main requires 1 approving review');
  });
  it('calls a merge method that the repository does not allow a fault', async () => {
    const repositories = [{ url: 'https://github.com/acme/gitops', mergeMethod: 'rebase' }];
    expect(textOf(await bench.diagnose({ repositories }), REPOSITORY)).to.contain(
      'fault: repositories[].mergeMethod is rebase, and only squash is allowed here',
    );
  });
});

class SkewedClock extends SystemClock {
  constructor(private readonly aheadMs: number) {
    super();
  }
  override now(): number {
    return super.now() + this.aheadMs;
  }
}
/** Deadlines of a minute come after a second. */
class ImpatientClock extends SystemClock {
  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return super.sleep(ms >= 60_000 ? 1_500 : ms, signal);
  }
}
