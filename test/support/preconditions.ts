import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import type { RuleId } from '../../src/model/rule-result.js';
import type { JsonObject } from '../../src/sandbox/json-path.js';
import { scenarioDirectory } from '../../src/sandbox/scenario/scenario-files.js';

/** One thing the default scenario needs, taken away. */
export interface Precondition {
  readonly title: string;
  readonly ends: { readonly barredBy: readonly (RuleId | 'mode-propose')[] } | { readonly abort: string };
  /** What the rule that bars must tell. */
  readonly says: RegExp;
  /** To be laid over the default scenario. */
  overrides(): Promise<JsonObject>;
}

const OVERLAY = 'apps/checkout/overlays/staging';

interface Happening extends JsonObject {
  readonly do: readonly (JsonObject & { readonly files: Readonly<Record<string, string>> })[];
}
/** The default scenario as it is written. */
interface DefaultScenario {
  readonly repository: { readonly owner: string; readonly name: string; readonly commits: readonly JsonObject[] };
  readonly applications: readonly JsonObject[];
  readonly timeline: readonly [Happening];
}
async function badDeploy(): Promise<DefaultScenario> {
  return parse(await readFile(path.join(await scenarioDirectory(), 'bad-deploy.yaml'), 'utf8')) as DefaultScenario;
}

/** Waits for people, merges nothing: the pull request stays open and the branch as it is. */
function leftOpen(rules: readonly string[]): JsonObject {
  return {
    hold: '60s',
    attempts: [
      { application: 'checkout-staging', state: 'AwaitingMergeApproval', reason: 'waiting-for-human', barredBy: rules },
    ],
    attemptCount: 1,
    ...NOTHING_MERGED,
  };
}
const NOTHING_MERGED = {
  git: [{ path: `${OVERLAY}/kustomization.yaml`, equalsCommit: 'bad' }],
  pullRequests: [
    { state: 'open', count: 1 },
    { state: 'merged', count: 0 },
  ],
  applications: [{ application: 'checkout-staging', health: 'Degraded' }],
  requests: [{ server: 'github', method: 'PUT', path: '/merge$', count: 0 }],
};

type Change = (scenario: DefaultScenario) => JsonObject;
function barred(title: string, rule: RuleId | 'mode-propose', says: RegExp, change: Change): Precondition {
  return {
    title: `${title}: ${rule.split('_')[0]}`,
    ends: { barredBy: [rule] },
    says,
    overrides: async () => ({ expect: leftOpen([rule]), ...change(await badDeploy()) }),
  };
}
function aborted(title: string, reason: string, change: Change): Precondition {
  const expectation = {
    hold: '60s',
    attempts: [{ application: 'checkout-staging', state: 'Abort', reason }],
    attemptCount: 1,
    ...NOTHING_MERGED,
  };
  return {
    title: `${title}: ${reason}`,
    ends: { abort: reason },
    says: /./,
    overrides: async () => ({ expect: expectation, ...change(await badDeploy()) }),
  };
}

const operator =
  (document: JsonObject): Change =>
  () => ({ operator: document });
/** Changes the application of the default scenario. */
const application =
  (change: JsonObject): Change =>
  ({ applications }) => ({
    applications: applications.map((app) => (app['name'] === 'checkout-staging' ? { ...app, ...change } : app)),
  });
/** Something happens when the bad version has been deployed. */
const onceDeployed =
  (...actions: readonly JsonObject[]): Change =>
  ({ timeline }) => ({
    timeline: [...timeline, { when: { on: 'deployed', application: 'checkout-staging', commit: 'bad' }, do: actions }],
  });
const changeApplication = (change: JsonObject): JsonObject => ({
  action: 'change-application',
  application: 'checkout-staging',
  ...change,
});
/** The bad commit also adds an object to the overlay, which a rollback removes again. */
const badCommitAdds =
  (file: string, object: JsonObject): Change =>
  ({ timeline: [entry] }) => ({
    timeline: [
      {
        ...entry,
        do: entry.do.map((push) => {
          const kustomization = push.files[`${OVERLAY}/kustomization.yaml`]?.replace(
            '- ../../base',
            `- ../../base\n  - ${file}`,
          );
          return {
            ...push,
            files: {
              ...push.files,
              [`${OVERLAY}/kustomization.yaml`]: kustomization,
              [`${OVERLAY}/${file}`]: JSON.stringify(object),
            },
          };
        }),
      },
    ],
  });
const fewerReplicas: Change = ({ repository }) => ({
  repository: {
    commits: JSON.parse(
      JSON.stringify(repository.commits).replace('replicas: 4', 'replicas: 2'),
    ) as readonly JsonObject[],
  },
});
/** Somebody has work of his own in review. */
const otherPullRequest: Change = ({ timeline }) => ({
  timeline: [
    {
      when: 'operator-watching',
      do: [
        {
          action: 'open-pull-request',
          by: 'leo',
          head: 'readme',
          title: 'Say more in the readme',
          files: { 'README.md': '# gitops\nMore.\n' },
        },
      ],
    },
    ...timeline,
  ],
});
/** The version that is deployed for 26 hours falls ill now. */
const oldVersionFallsIll: Change = () => ({
  timeline: [
    {
      when: 'operator-watching',
      after: '60s',
      do: [changeApplication({ switches: { flapping: [{ health: 'Degraded', for: '24h' }] } })],
    },
  ],
  expect: {
    ...leftOpen(['G1_change_induced']),
    git: [{ path: `${OVERLAY}/kustomization.yaml`, equalsCommit: 'good' }],
  },
});
const unstableLastVersion = {
  deployed: [
    { commit: 'older', at: '-69h', uptime: 1 },
    { commit: 'good', at: '-26h', uptime: 0.9 },
  ],
};
const both =
  (one: Change, other: Change): Change =>
  (scenario) => ({ ...one(scenario), ...other(scenario) });
const releaseWeek = { name: 'release week', timeZone: 'UTC', from: '2020-01-01T00:00', to: '2099-01-01T00:00' };
const MIGRATION = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'migrate' },
  spec: {
    template: {
      spec: { restartPolicy: 'Never', containers: [{ name: 'migrate', image: 'ghcr.io/acme/migrate:2.4.0' }] },
    },
  },
};
const LEDGERS = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'ledgers.acme.io' },
  spec: {
    group: 'acme.io',
    scope: 'Namespaced',
    names: { kind: 'Ledger', plural: 'ledgers', singular: 'ledger' },
    versions: [],
  },
};
const SETTINGS = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'ledger-settings' }, data: { mode: 'new' } };

export const PRECONDITIONS: readonly Precondition[] = [
  barred(
    'no staging paths, and nobody vouches that all applications are visible',
    'I1_environment',
    /allApplicationsVisible/,
    ({ repository: { owner, name } }) => ({
      operator: {
        environments: { staging: { paths: null } },
        repositories: [{ url: `https://github.com/${owner}/${name}`, ci: { required: [{ context: 'validate' }] } }],
      },
    }),
  ),
  barred('two replicas, of which a stuck rollout keeps both', 'I3_replica_shortage', /2 of 2 available/, fewerReplicas),
  barred(
    'less than 24 h of metrics about the version before',
    'I5_stable_previous',
    /100\.00 % over 19 h/,
    application({ deployed: [{ commit: 'good', at: '-20h', uptime: 1 }] }),
  ),
  aborted('the required check fails', 'ci-failed', () => ({
    github: {
      ci: [{ name: 'validate', kind: 'check-run', registersAfter: '5s', takes: '40s', conclusion: 'failure' }],
    },
  })),
  aborted('the required check never reports', 'ci-timeout', () => ({ github: { ci: [] } })),
  barred('another open pull request on the branch', 'I7_no_conflicts', /#1/, otherPullRequest),
  barred('a review that the branch requires of everybody', 'I8_branch_protection', /blocked/, () => ({
    github: { rules: { requiredApprovals: 1 } },
  })),
  barred('a version that ran for 26 hours before', 'G1_change_induced', /changeWindow/, oldVersionFallsIll),
  barred(
    'a stable version that stopped running too long ago',
    'G2_scope',
    /the candidate stopped running 1 days before/,
    both(application(unstableLastVersion), operator({ guards: { maxCandidateAge: '24h' } })),
  ),
  barred(
    'a stable version behind newer ones',
    'G2_scope',
    /1 newer versions are passed over/,
    both(application(unstableLastVersion), operator({ guards: { maxPassedOver: 0 } })),
  ),
  barred(
    'more commits to drop than allowed',
    'G2_scope',
    /1 commits are dropped/,
    operator({ guards: { maxDroppedCommits: 0 } }),
  ),
  barred('a migration job in the diff', 'G3_reversible', /Job migrate/, badCommitAdds('migration.yaml', MIGRATION)),
  barred(
    'a custom resource definition in the diff',
    'G3_reversible',
    /CustomResourceDefinition ledgers\.acme\.io/,
    badCommitAdds('ledgers.yaml', LEDGERS),
  ),
  barred(
    'automated sync off',
    'G4_will_sync',
    /automated sync is off/,
    onceDeployed(changeApplication({ automated: false })),
  ),
  barred(
    'automated pruning off while an object must be removed',
    'G4_will_sync',
    /pruning is off/,
    both(badCommitAdds('settings.yaml', SETTINGS), application({ automated: { prune: false, selfHeal: true } })),
  ),
  barred(
    'a running operation',
    'G4_will_sync',
    /operation is running/,
    onceDeployed(changeApplication({ switches: { operationHeld: true } }), {
      action: 'sync',
      application: 'checkout-staging',
    }),
  ),
  barred(
    'a closed sync window',
    'G4_will_sync',
    /sync window/,
    onceDeployed(changeApplication({ syncWindows: [{ kind: 'deny', active: true }] })),
  ),
  barred(
    'a used-up budget',
    'G5_budget',
    /guards\.perApplication/,
    operator({ guards: { perApplication: [{ count: 0, within: '30m' }] } }),
  ),
  barred('a freeze window', 'G6_not_frozen', /release week/, operator({ guards: { freeze: [releaseWeek] } })),
  barred(
    'an image updater on the application',
    'G8_no_reapply',
    /image-updater/,
    application({ annotations: { 'argocd-image-updater.argoproj.io/image-list': 'checkout=ghcr.io/acme/checkout' } }),
  ),
  barred('mode propose', 'mode-propose', /^$/, operator({ environments: { staging: { mode: 'propose' } } })),
];
