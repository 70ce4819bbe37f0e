import { expect } from 'chai';
import { OperatorError } from '../../../src/base/errors.js';
import { loadScenario, scenarioNames } from '../../../src/sandbox/scenario/scenario-files.js';
import { parseScenario } from '../../../src/sandbox/scenario.js';
import { scenarioDocument } from './scenario-document.js';

const faultOf = (over: Record<string, unknown>): string => {
  try {
    parseScenario(scenarioDocument(over), 'small.yaml');
    return '';
  } catch (error) {
    expect(error).to.be.instanceOf(OperatorError);
    return (error as Error).message;
  }
};

describe('scenarioSchema', () => {
  it('reads every scenario of the project, each under its own name', async () => {
    const names = await scenarioNames();
    expect(names).to.include('bad-deploy');
    for (const name of names) expect((await loadScenario(name)).name).to.equal(name);
  });
  it('lays overrides over a scenario, null taking a key away', async () => {
    const scenario = await loadScenario('bad-deploy', { speed: 3, brokenImages: null, prometheus: { state: 'down' } });
    expect(scenario).to.deep.include({
      speed: 3,
      brokenImages: {},
      prometheus: { state: 'down', exportedNamespace: false },
    });
  });
  it('goes on with `thereafter` where the timeline of the scenario it extends ends', async () => {
    const [base, longer] = await Promise.all([loadScenario('bad-deploy'), loadScenario('hold-label')]);
    expect(longer.timeline.slice(0, base.timeline.length)).to.deep.equal(base.timeline);
    expect(longer.timeline.slice(base.timeline.length).map((entry) => entry.do.map((one) => one.action))).to.deep.equal(
      [['label'], ['unlabel']],
    );
  });
  it('names every fault of a scenario at once', () => {
    const message = faultOf({ speed: 'fast', surprise: 1, world: { poll: '10' } });
    expect(message)
      .to.contain('speed')
      .and.to.contain('surprise')
      .and.to.contain('world.poll: write a duration with its unit');
  });
  const faults: readonly (readonly [string, Record<string, unknown>, string])[] = [
    ['a name of one word', { name: 'small' }, 'two lower-case words'],
    [
      'an unknown condition',
      { timeline: [{ when: 'full-moon', do: [{ action: 'refresh', application: 'web' }] }] },
      'timeline.0.when.on',
    ],
    ['an unknown action', { timeline: [{ do: [{ action: 'dance' }] }] }, 'timeline.0.do.0.action'],
    [
      'an expectation about an unknown commit',
      { expect: { git: [{ path: 'a', equalsCommit: 'nowhere' }] } },
      'nowhere is no commit',
    ],
  ];
  for (const [what, over, words] of faults) {
    it(`refuses ${what}`, () => {
      expect(faultOf(over)).to.contain(words);
    });
  }
  it('refuses a deployment of what was not committed yet', () => {
    const [app] = scenarioDocument()['applications'] as [Record<string, unknown>];
    expect(faultOf({ applications: [{ ...app, deployed: [{ commit: 'good', at: '-40h' }] }] })).to.contain(
      'before it was committed',
    );
  });
  it('makes many applications, their files and their bad pushes of one template', () => {
    const scenario = parseScenario(
      scenarioDocument({
        timeline: [{ do: [{ action: 'push', id: 'bad', by: 'leo', message: 'Storm', files: {} }] }],
        fleets: [
          {
            count: 50,
            application: {
              name: 'service-{n}',
              project: 'staging',
              destination: { namespace: 's-{n}' },
              path: 'apps/service-{n}',
              deployed: [{ commit: 'good', at: '-26h' }],
            },
            commits: { good: { 'apps/service-{n}/a.yaml': 'good {n}' }, bad: { 'apps/service-{n}/a.yaml': 'bad {n}' } },
          },
        ],
      }),
      'storm.yaml',
    );
    expect(scenario.applications.map((app) => app.name))
      .to.have.length(51)
      .and.to.include('service-07');
    expect(scenario.repository.commits[0]?.files['apps/service-50/a.yaml']).to.equal('good 50');
    const [push] = scenario.timeline[0]?.do ?? [];
    expect(push?.action === 'push' ? Object.keys(push.files) : []).to.have.length(50);
  });
});
