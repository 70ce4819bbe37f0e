import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse as parseYaml } from 'yaml';
import { OperatorError } from '../../../src/base/errors.js';
import type { Role } from '../../../src/surface/role.js';
import { attemptId } from '../../support/attempt-parts.js';
import { expectGolden } from '../../support/golden.js';
import { LocalHttp } from '../../support/local-http.js';
import { serve, tokenOf, type Served } from '../http/api-client.js';
import { run, type Ran } from './cli-bench.js';

describe('commands that ask a running operator', () => {
  let served: Served;
  let directory: string;
  const as = async (role: Role, ...argv: readonly string[]): Promise<Ran> => {
    await writeFile(join(directory, role), `${tokenOf(role)}\n`);
    return run([...argv, '--server', served.server.url, '--token-file', join(directory, role)]);
  };
  beforeEach(async () => {
    served = await serve();
    directory = await mkdtemp(join(tmpdir(), 'cli-'));
  });
  afterEach(async () => {
    await served.server.close();
    await rm(directory, { recursive: true });
  });

  for (const [name, argv] of [
    ['get-apps', ['get', 'apps']],
    ['get-attempts', ['get', 'attempts']],
    ['describe-attempt', ['describe', 'attempt', attemptId()]],
    ['explain', ['explain', 'shop']],
    ['quarantine-list', ['quarantine', 'list']],
  ] as const) {
    it(`print text that reads well: ${argv.join(' ')}`, async () => {
      const ran = await as('viewer', ...argv);
      expect([ran.code, ran.err]).to.deep.equal([0, '']);
      expectGolden(`test/surface/cli/golden/${name}.txt`, ran.out);
    });
    it(`print the API's own answer as JSON and the same as YAML: ${argv.join(' ')}`, async () => {
      const json = await as('viewer', ...argv, '-o', 'json');
      const yaml = await as('viewer', ...argv, '-o', 'yaml');
      expect(JSON.parse(json.out)).to.deep.equal(parseYaml(yaml.out));
    });
  }

  it('teach when there is nothing to show', async () => {
    served.operator.views = [];
    expect((await as('viewer', 'get', 'attempts')).out).to.contain('No attempts');
  });
  it('find an attempt by the beginning of its id, or by its application', async () => {
    served.operator.views = served.operator.views.map((v, i) => ({
      ...v,
      id: i === 0 ? v.id : `aaaa${v.id.slice(4)}`,
    }));
    const found = await Promise.all(
      ['aaaa', 'cart', 'argocd/cart'].map((given) => as('viewer', 'describe', 'attempt', given)),
    );
    expect(found.map((r) => r.out.split('\n')[0])).to.deep.equal(
      Array.from({ length: 3 }, () => `Attempt      aaaa${attemptId(2).slice(4)}`),
    );
  });
  it('ask for more when a name could be several, and say where to look when it is none', async () => {
    const ran = [
      await as('viewer', 'describe', 'attempt', '0000'),
      await as('viewer', 'explain', 'cart'),
      await as('viewer', 'explain', 'nothing'),
      await as('viewer', 'explain', 'argocd/nothing'),
    ];
    expect(ran.map((r) => [r.code, /\[(\w+)\]$/.exec(r.err)?.[1]])).to.deep.equal([
      [2, 'CLI_AMBIGUOUS'],
      [2, 'CLI_AMBIGUOUS'],
      [1, 'CLI_NOT_FOUND'],
      [1, 'DAEMON_NOT_FOUND'],
    ]);
    expect(ran[1]?.err).to.contain('argocd/cart, team-b/cart');
  });

  it('hand on orders with their reason, and say what they did', async () => {
    const said = [
      await as('operator', 'abort', 'shop', '--reason', 'fix forward'),
      await as('operator', 'pause', 'shop', '-r', 'load test'),
      await as('operator', 'pause', '--all', '-r', 'migration'),
      await as('operator', 'resume', '--all', '-r', 'migration done'),
      await as('operator', 'kill', '-r', 'strange'),
      await as('operator', 'retry', 'argocd/cart', '-r', 'GitHub is back'),
      await as('approver', 'quarantine', 'lift', 'cart', '-r', 'it was the database'),
    ];
    expect(said.map((r) => [r.code, r.err])).to.deep.equal(said.map(() => [0, '']));
    expect(said[0]?.out).to.equal(`Attempt ${attemptId()} is being stopped. Nothing new is started.`);
    expect(served.operator.orders).to.deep.equal([
      `abort ${attemptId()} by some-operator (operator) via cli: fix forward`,
      'pause argocd/shop by some-operator (operator) via cli: load test',
      'pause operator by some-operator (operator) via cli: migration',
      'resume operator by some-operator (operator) via cli: migration done',
      'kill operator by some-operator (operator) via cli: strange',
      'retry argocd/cart by some-operator (operator) via cli: GitHub is back',
      `lift ${attemptId(2)} by some-approver (approver) via cli: it was the database`,
    ]);
  });
  it('take either an application or --all for pause and resume', async () => {
    const ran = [
      await as('operator', 'pause', '-r', 'because'),
      await as('operator', 'resume', 'shop', '--all', '-r', 'because'),
    ];
    expect(ran.map((r) => [r.code, r.err])).to.deep.equal([
      [2, 'pause takes either an application or --all'],
      [2, 'resume takes either an application or --all'],
    ]);
    expect(served.operator.orders).to.deep.equal([]);
  });

  it('answer 4 when the role is too low, 3 when it is not in a state for it, 2 for a bad token, 1 when the operator cannot', async () => {
    const tooLow = await as('viewer', 'kill', '-r', 'strange');
    const ended = await as('operator', 'abort', 'cart', '-r', 'too late');
    served.operator.result = { kind: 'unavailable', why: 'The store cannot be reached.' };
    const away = await as('operator', 'kill', '-r', 'strange');
    await writeFile(join(directory, 'bad'), 'not-a-token');
    const bad = await run(['get', 'apps', '--server', served.server.url, '--token-file', join(directory, 'bad')]);
    expect([tooLow, ended, away, bad].map((r) => [r.code, r.out, /\[(\w+)\]$/.exec(r.err)?.[1]])).to.deep.equal([
      [4, '', 'DAEMON_ROLE_TOO_LOW'],
      [3, '', 'DAEMON_CONFLICT'],
      [1, '', 'DAEMON_UNAVAILABLE'],
      [2, '', 'DAEMON_UNAUTHENTICATED'],
    ]);
    expect(bad.err).to.contain('--token-file').and.not.to.contain('not-a-token');
  });
  it('answer 3 to an abort that came too late, and say that the verification goes on', async () => {
    const [attempt] = served.operator.views;
    if (attempt === undefined) throw new Error('the operator shows an attempt');
    served.operator.result = {
      kind: 'too-late',
      attempt,
      why: 'The abort came too late: it is merged; verification goes on.',
    };
    const late = await as('operator', 'abort', 'shop', '-r', 'stop');
    expect([late.code, late.out]).to.deep.equal([3, '']);
    expect(late.err).to.contain('abort came too late: it is merged; verification goes on');
  });
  it('answer 1 for an error inside the operator, with the id that is in its log', async () => {
    served.operator.failure = new OperatorError('X', 'bug', 'x');
    const ran = await as('viewer', 'get', 'apps');
    expect([ran.code, ran.out]).to.deep.equal([1, '']);
    expect(ran.err).to.contain('DAEMON_INTERNAL');
  });

  it('find the operator by option, then environment, then configuration', async () => {
    await writeFile(join(directory, 'token'), tokenOf('viewer'));
    const env = { AI_OPERATOR_SERVER: served.server.url, AI_OPERATOR_TOKEN_FILE: join(directory, 'token') };
    const nowhere = 'http://127.0.0.1:1';
    const ran = [
      await run(['get', 'apps'], { env }),
      await run(['get', 'apps', '-c', 'prod.yaml'], {
        env: { ...env, AI_OPERATOR_SERVER: '' },
        serverOf: served.server.url,
      }),
      await run(['get', 'apps', '--server', served.server.url], { env: { ...env, AI_OPERATOR_SERVER: nowhere } }),
    ];
    expect(ran.map((r) => r.code)).to.deep.equal([0, 0, 0]);
  });
  it('say when nobody answers, or something else does', async () => {
    const other = await LocalHttp.start();
    try {
      const answers: readonly { readonly text: string; readonly type: string }[] = [
        { text: '<html>nginx</html>', type: 'text/html' },
        { text: '{"items": 3}', type: 'application/json' },
        { text: 'not json', type: 'application/json' },
      ];
      for (const answer of answers) {
        other.answer = () => answer;
        const ran = await run(['get', 'apps', '--server', other.url]);
        expect([ran.code, /\[(\w+)\]$/.exec(ran.err)?.[1]]).to.deep.equal([2, 'DAEMON_NOT_OURS']);
      }
      const nobody = await run(['get', 'apps', '--server', 'http://127.0.0.1:1']);
      expect([nobody.code, nobody.err.includes('is it running')]).to.deep.equal([1, true]);
      expect((await run(['get', 'apps', '--server', 'localhost:8080'])).code).to.equal(2);
      expect((await run(['get', 'apps', '--token-file', join(directory, 'none')])).err).to.contain(
        'CLI_TOKEN_UNREADABLE',
      );
    } finally {
      await other.close();
    }
  });
});
