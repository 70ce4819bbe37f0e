import { expect } from 'chai';
import { parseDemoArguments } from '../../../src/sandbox/demo/demo-arguments.js';
import type { AttemptEnding, Ending } from '../../../src/sandbox/demo/ending.js';
import { endingText, keptText } from '../../../src/sandbox/demo/ending-text.js';
import { headingText, listText } from '../../../src/sandbox/demo/heading-text.js';
import { terminalOf } from '../../../src/sandbox/demo/terminal.js';
import type { AttemptView } from '../../../src/model/attempt-view.js';
import { failureOf } from '../../support/failure.js';

const terminal = terminalOf({ columns: 80 }, {});
const VIEW = {
  id: 'a1',
  application: 'argocd/checkout',
  state: 'RollbackComplete',
  next: { text: 'Nothing.' },
  bad: { revisions: ['bad0000000ffff'] },
  candidate: { revision: 'good000000ffff' },
  pullRequest: { number: 1, files: [{ path: 'apps/checkout/kustomization.yaml', change: 'modified' }] },
  merge: { commit: 'merge00000ffff', pullRequest: 1 },
  barredBy: [],
  end: { kind: 'complete', recoveredAt: 9_000, timeToRecoveryMs: 7_842 },
} as unknown as AttemptView;
const complete: AttemptEnding = {
  view: VIEW,
  pull: { number: 1, title: 'Rollback', merged: true, mergedBy: 'ai-operator[bot]', state: 'closed' } as NonNullable<
    AttemptEnding['pull']
  >,
  undone: { command: 'git diff --stat bad main -- apps', output: ' one | 2 +-' },
  left: { command: 'git diff --stat good main -- apps', output: '' },
};
const ending = (over: Partial<Ending> = {}): Ending => ({
  scenario: 'bad-deploy',
  speed: 20,
  repositoryDirectory: '/tmp/demo/repository.git',
  log: { command: 'git log --oneline --graph -12 main', output: '*   0000 Merge\n|\\  \n| * 1111 Roll back' },
  attempts: [complete],
  audit: { directory: '/tmp/demo/audit', sound: true, statement: 'verified up to record 17\n17 records' },
  applications: [{ name: 'checkout', health: 'Healthy', sync: 'Synced' }],
  unmet: [],
  lastLines: ['{"msg":"the last line"}'],
  ...over,
});

describe('demo frame', () => {
  it('runs bad-deploy at speed 20 unless told', () => {
    expect(parseDemoArguments([])).to.deep.equal({
      command: 'run',
      scenario: 'bad-deploy',
      speed: 20,
      keep: false,
      log: false,
    });
  });
  it('refuses what it does not know, with the usage', async () => {
    for (const argv of [['--speed', '0'], ['--speed', 'fast'], ['--loud'], ['bad-deploy']]) {
      expect(await failureOf(() => parseDemoArguments(argv)), argv.join(' ')).to.equal('DEMO_USAGE config');
      expect(() => parseDemoArguments(argv)).to.throw('--scenario NAME');
    }
  });
  it('heads the rail with the command, and the waits as the configuration file has them', () => {
    const heading = {
      scenario: { name: 'bad-deploy', title: 'A bad deploy' },
      speed: 10,
      askedSpeed: 20,
      configuration: { timing: { HEALTH_CHECK_INTERVAL: '1s' } },
      command: 'node dist/main.js --config /tmp/o.yaml',
    };
    const text = headingText(heading, terminal);
    expect(text).to.include('node dist/main.js --config /tmp/o.yaml');
    expect(text).to.include('divided by 10 (this scenario runs no faster)');
    expect(text).to.match(/HEALTH_CHECK_INTERVAL +1s +was 10s/);
  });
  it('lists a scenario in short: name, title, and a line of what it needs', () => {
    const needs = [
      'Four replicas.',
      'A required check that succeeds, which takes many words to say in full, more than fit.',
    ];
    const lines = listText([{ name: 'bad-deploy', title: 'A bad deploy', preconditions: needs }], terminal).split('\n');
    expect(lines.slice(0, 2)).to.deep.equal(['bad-deploy', '  A bad deploy']);
    expect(lines).to.have.length(3);
    expect(lines[2]).to.match(/^ {2}Needs: Four replicas\. A required/);
    expect(lines[2]?.length).to.be.at.most(80);
  });
  it('shows what git says as it says it, and an empty diff as restored', () => {
    const text = endingText(ending(), terminal);
    expect(text).to.include('$ git log --oneline --graph -12 main\n  *   0000 Merge\n  |\\\n  | * 1111 Roll back');
    expect(text).to.include(
      '$ git diff --stat good main -- apps\n  (nothing differs: the files are those of the good version)',
    );
    expect(text).to.include('7.8 s from Degraded to healthy');
    expect(text).to.include('Waits were divided by 20');
    expect(text).to.not.include('the last line');
  });
  it('does not call a rollback restored when git shows a difference', () => {
    const left = { command: 'git diff', output: ' apps/x | 1 +' };
    const text = endingText(ending({ attempts: [{ ...complete, left }] }), terminal);
    expect(text).to.include(' apps/x | 1 +').and.not.to.include('nothing differs');
  });
  it('says what is unmet, how the world is, and what the operator said last', () => {
    const applications = [{ name: 'checkout', health: 'Degraded', sync: 'Synced' }];
    const text = endingText(ending({ unmet: ['checkout is Degraded, expected Healthy'], applications }), terminal);
    expect(text).to.include('bad-deploy did not end as expected:\n  - checkout is Degraded, expected Healthy');
    expect(text).to.include('checkout is Degraded and Synced.').and.to.include('the last line');
    expect(text).to.not.include('Everything');
  });
  it('says how an attempt ended without recovery, and where one without an end stands', () => {
    const { end: _end, merge: _merge, ...open } = VIEW;
    const aborted = {
      ...open,
      state: 'Abort',
      end: {
        kind: 'aborted',
        reason: 'ci-failed',
        meaning: 'a check failed',
        why: 'validate',
        pullRequest: 'leave-open',
      },
    } as AttemptView;
    const waiting = {
      ...open,
      state: 'AwaitingMergeApproval',
      step: 'waiting-for-human',
      barredBy: ['I3_replica_shortage'],
      next: { text: 'Waiting for a person.' },
    } as AttemptView;
    const text = endingText(ending({ attempts: [{ view: aborted }, { view: waiting }] }), terminal);
    expect(text).to.match(/ended +ci-failed: a check failed\n +validate/);
    expect(text).to.match(/barred by +I3_replica_shortage/);
    expect(text).to.match(/now +AwaitingMergeApproval \/ waiting-for-human: Waiting for a person\./);
    expect(text).to.not.include('from Degraded to healthy');
  });
  it('counts a crowd instead of telling each', () => {
    const held = {
      view: { ...VIEW, state: 'DegradationDetected', step: 'held', end: undefined } as unknown as AttemptView,
    };
    expect(endingText(ending({ attempts: Array.from({ length: 50 }, () => held) }), terminal)).to.match(
      /50 attempts\n +50 {2}DegradationDetected \/ held/,
    );
    expect(endingText(ending({ attempts: [] }), terminal)).to.include('No rollback was attempted');
  });
  it('prints commands to copy in one line each', () => {
    const kept = {
      api: 'http://127.0.0.1:1',
      health: 'http://127.0.0.1:2',
      github: 'http://127.0.0.1:3',
      githubTokenFile: '/tmp/t',
      repository: '/tmp/r.git',
      auditDirectory: '/tmp/a',
      program: 'node dist/main.js',
      application: 'argocd/checkout',
    };
    expect(keptText(kept, terminalOf({ columns: 40 }, {})).split('\n')).to.include(
      '  node dist/main.js explain argocd/checkout --server http://127.0.0.1:1',
    );
  });
});
