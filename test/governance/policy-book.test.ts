import { expect } from 'chai';
import fc from 'fast-check';
import type { DestinationMatch, EnvironmentMatch, OperatorConfig } from '../../src/config/operator-config.js';
import { ENVIRONMENT_ANNOTATION, MODE_ANNOTATION, PolicyBook, type Subject } from '../../src/governance/policy-book.js';
import { MODES, type Mode } from '../../src/model/policy.js';
import { POLICY, REPOSITORY_URL } from '../support/attempt-parts.js';

const NOTHING: EnvironmentMatch = { projects: [], destinations: [], namespaces: [], applications: [] };
interface Configured {
  readonly staging?: Partial<EnvironmentMatch>;
  readonly production?: Partial<EnvironmentMatch>;
  readonly mode?: Mode;
  readonly productionMode?: Mode;
  readonly store?: 'memory' | 'etcd';
  readonly development?: boolean;
}
const environment = (
  match: Partial<EnvironmentMatch>,
  mode: Mode,
  paths: readonly string[] = [],
): OperatorConfig['environments']['staging'] => ({ match: { ...NOTHING, ...match }, mode, paths });
/** The parts of a configuration that the book reads. */
const config = ({
  staging,
  production,
  mode = 'auto',
  productionMode = 'propose',
  store = 'etcd',
  development = false,
}: Configured): OperatorConfig =>
  ({
    environments: {
      ...(staging === undefined ? {} : { staging: environment(staging, mode, POLICY.stagingPaths) }),
      ...(production === undefined ? {} : { production: environment(production, productionMode) }),
    },
    store: { kind: store },
    development,
    timing: POLICY.timing,
    candidates: POLICY.candidates,
    invariants: POLICY.invariants,
    guards: POLICY.guards,
    production: { ...POLICY.approval, approvalSources: ['github-review'] },
    repositories: [{ ...POLICY.repository, owner: 'acme', name: 'gitops' }],
  }) as unknown as OperatorConfig;
const book = (configured: Configured): PolicyBook => new PolicyBook(config(configured), (a, b) => a === b);
const subject = (overrides: Partial<Subject> = {}): Subject => ({
  application: 'argocd/shop',
  project: 'staging',
  destination: { server: 'https://kubernetes.default.svc', namespace: 'shop' },
  ...overrides,
});
const BOTH: Configured = { staging: { projects: ['staging'] }, production: { projects: ['live'] } };
const annotated = (annotations: Readonly<Record<string, string>>, project = 'staging'): Subject =>
  subject({ annotations, project });

describe('the environment of an application', () => {
  it('is the one whose project, destination, namespace or name matches', () => {
    const rows: readonly (readonly [Partial<EnvironmentMatch>, boolean])[] = [
      [{ projects: ['staging'] }, true],
      [{ projects: ['stag*'] }, true],
      [{ projects: ['stag'] }, false],
      [{ projects: ['s.aging'] }, false],
      [{ namespaces: ['argocd'] }, true],
      [{ namespaces: ['argo'] }, false],
      [{ applications: ['argocd/shop'] }, true],
      [{ applications: ['argocd/*'] }, true],
      [{ applications: ['*/shop'] }, true],
      [{ applications: ['*'] }, false],
      [{ applications: ['argocd/sho'] }, false],
      [{ destinations: [{ server: 'https://kubernetes.default.svc' }] }, true],
      [{ destinations: [{ server: 'https://elsewhere' }] }, false],
      [{ destinations: [{ server: 'https://kubernetes.default.svc', namespace: 'sh*' }] }, true],
      [{ destinations: [{ server: 'https://kubernetes.default.svc', namespace: 'cart' }] }, false],
      [{ destinations: [{ name: 'in-cluster' }] }, false],
      [{ destinations: [{ name: 'in-cluster', server: 'https://kubernetes.default.svc' }] }, false],
      [{ projects: ['other'], namespaces: ['argocd'] }, true],
      [{}, false],
    ];
    for (const [match, fits] of rows)
      expect(book({ staging: match }).environmentOf(subject()), JSON.stringify(match)).to.equal(
        fits ? 'staging' : undefined,
      );
  });
  it('is found by the name of the destination cluster as well as by its address', () => {
    const policies = book({ staging: { destinations: [{ name: 'stage-1', namespace: 'shop' }] } });
    const to = (name: string): string | undefined =>
      policies.environmentOf(subject({ destination: { name, namespace: 'shop' } }));
    expect([to('stage-1'), to('stage-2')]).to.deep.equal(['staging', undefined]);
  });
  it('is production when two environments match', () => {
    expect(
      book({ staging: { projects: ['staging'] }, production: { namespaces: ['argocd'] } }).environmentOf(subject()),
    ).to.equal('production');
  });
  it('is none, so that the application is unmanaged, when no environment matches', () => {
    expect(book(BOTH).environmentOf(subject({ project: 'default' }))).to.equal(undefined);
    expect(book(BOTH).policyOf(subject({ project: 'default' }))).to.equal(undefined);
  });
  it('can be lowered by the annotation, to production or to unmanaged, and never raised to staging', () => {
    const of = (asked: string, project: string): string =>
      book(BOTH).environmentOf(annotated({ [ENVIRONMENT_ANNOTATION]: asked }, project)) ?? 'unmanaged';
    expect(['staging', 'production', 'unmanaged'].map((asked) => of(asked, 'staging'))).to.deep.equal([
      'staging',
      'production',
      'unmanaged',
    ]);
    expect(['staging', 'production', 'unmanaged'].map((asked) => of(asked, 'live'))).to.deep.equal([
      'production',
      'production',
      'unmanaged',
    ]);
    expect(['staging', 'production', 'unmanaged'].map((asked) => of(asked, 'default'))).to.deep.equal([
      'unmanaged',
      'unmanaged',
      'unmanaged',
    ]);
  });
  it('is none when the annotation says a word nobody knows: whoever wrote it did not mean staging', () => {
    for (const word of ['prod', 'Production', '', 'off', ' staging'])
      expect(book(BOTH).environmentOf(annotated({ [ENVIRONMENT_ANNOTATION]: word })), word).to.equal(undefined);
  });
  it('is unmanaged when the annotation asks for production and production is not configured', () => {
    expect(
      book({ staging: { projects: ['staging'] } }).policyOf(annotated({ [ENVIRONMENT_ANNOTATION]: 'production' })),
    ).to.equal(undefined);
  });
  it('is never staging for what matches production, whatever the annotations say', () => {
    const anyWord = fc.option(fc.constantFrom('staging', 'production', 'unmanaged', 'x'));
    fc.assert(
      fc.property(anyWord, fc.subarray(['staging', 'live', 'default']), (asked, projects) => {
        const found = book({ staging: { projects: ['*'] }, production: { projects } }).environmentOf(
          asked === null ? subject({ project: 'live' }) : annotated({ [ENVIRONMENT_ANNOTATION]: asked }, 'live'),
        );
        if (projects.includes('live')) expect(found).to.not.equal('staging');
      }),
    );
  });
  it('does not depend on the destination being told', () => {
    const elsewhere: DestinationMatch = { server: 'https://kubernetes.default.svc' };
    expect(book({ staging: { destinations: [elsewhere] } }).environmentOf(subject({ destination: {} }))).to.equal(
      undefined,
    );
  });
});

describe('the mode of an application', () => {
  const mode = (configured: Configured, annotation?: string): string =>
    book({ ...BOTH, ...configured }).policyOf(
      annotation === undefined ? subject() : annotated({ [MODE_ANNOTATION]: annotation }),
    )?.mode ?? 'unmanaged';
  it('is the one of its environment', () => {
    expect(MODES.map((m) => mode({ mode: m }))).to.deep.equal(MODES);
  });
  it('can be lowered by the annotation and never raised', () => {
    for (const configured of MODES) {
      for (const asked of MODES)
        expect(MODES.indexOf(mode({ mode: configured }, asked) as Mode)).to.equal(
          Math.min(MODES.indexOf(configured), MODES.indexOf(asked)),
        );
    }
  });
  it('is off when the annotation says a word nobody knows', () => {
    for (const word of ['disabled', 'Propose', '', 'auto ']) expect(mode({}, word), word).to.equal('off');
  });
  it('is at most propose with the memory store, which would forget vetoes and budgets', () => {
    expect(MODES.map((m) => mode({ mode: m, store: 'memory' }))).to.deep.equal([
      'off',
      'observe',
      'propose',
      'propose',
    ]);
    expect(mode({ store: 'memory', development: true })).to.equal('auto');
  });
  it('says what lowered it, and nothing when nothing did', () => {
    const loweredBy = (configured: Configured, annotation?: string): readonly string[] | undefined =>
      book({ ...BOTH, ...configured }).policyOf(
        annotation === undefined ? subject() : annotated({ [MODE_ANNOTATION]: annotation }),
      )?.modeLoweredBy;
    expect(loweredBy({})).to.deep.equal([]);
    expect(loweredBy({ mode: 'propose', store: 'memory' }, 'auto')).to.deep.equal([]);
    expect(loweredBy({ store: 'memory' })).to.deep.equal([
      'store: memory without development: true allows at most propose',
    ]);
    expect(loweredBy({}, 'observe')).to.deep.equal([`annotation ${MODE_ANNOTATION}: observe`]);
    expect(loweredBy({}, 'stop')).to.deep.equal([
      `annotation ${MODE_ANNOTATION}: stop`,
      `annotation ${MODE_ANNOTATION} has no known value, so automation is off`,
    ]);
  });
});

describe('the policy of an application', () => {
  const sources = [{ repoURL: REPOSITORY_URL }];
  it('is what the configuration says of its environment and its repository', () => {
    expect(book(BOTH).policyOf(subject({ sources }))).to.deep.equal(POLICY);
  });
  it('has no repository when the application renders from one that is not configured', () => {
    expect(
      book(BOTH).policyOf(subject({ sources: [{ repoURL: 'https://github.com/eve/gitops' }] }))?.repository,
    ).to.equal(undefined);
  });
  it('carries the paths of staging also for production, where they say nothing of the environment', () => {
    const policy = book(BOTH).policyOf(subject({ project: 'live', sources }));
    expect(policy).to.deep.equal({ ...POLICY, environment: 'production', mode: 'propose' });
  });
  it('follows a reloaded configuration at once', () => {
    const policies = book(BOTH);
    policies.replace(config({ staging: { projects: ['other'] } }));
    expect(policies.policyOf(subject())).to.equal(undefined);
  });
});
