import type { JsonObject } from '../../../src/sandbox/json-path.js';

/** What plots lay over the scenario they are made of. */

const APPLICATION = 'checkout-staging';
const OVERLAY = 'apps/checkout/overlays/staging/kustomization.yaml';
const overlayAt = (tag: string): string => `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - ../../base
images:
  - name: ghcr.io/acme/checkout
    newTag: ${tag}
patches:
  - path: environment.yaml
`;
const deploy = (id: string, tag: string): JsonObject => ({
  action: 'push',
  id,
  by: 'leo',
  message: `Deploy checkout ${tag} to staging`,
  files: { [OVERLAY]: overlayAt(tag) },
});
const none = (...states: readonly string[]): JsonObject[] => states.map((state) => ({ state, count: 0 }));

/** An abort while the pull request is open: as the scenario in which somebody comments, without the comment. */
export const ABORTED: JsonObject = {
  // Long enough for an order to arrive in time whatever dies.
  github: { ci: [{ name: 'validate', kind: 'check-run', registersAfter: '5s', takes: '400s', conclusion: 'success' }] },
  expect: {
    attempts: [{ application: APPLICATION, state: 'Abort', reason: 'aborted-by-user' }],
    attemptCount: 1,
    git: [{ path: OVERLAY, equalsCommit: 'bad' }],
    pullRequests: [...none('open', 'merged'), { state: 'closed', closedBy: 'ai-operator[bot]', count: 1 }],
    applications: [{ application: APPLICATION, health: 'Degraded' }],
  },
};
/** Whoever only watches sees people mend it, and keeps score. */
export const FIXED_BY_PEOPLE: JsonObject = {
  thereafter: [{ when: 'attempt-state Abort', after: '5s', do: [deploy('fix', '2.4.1')] }],
  expect: {
    git: [{ path: OVERLAY, equalsCommit: 'fix' }],
    applications: [{ application: APPLICATION, health: 'Healthy' }],
  },
};
/** A pull request that was left open for people is closed by them in the end. */
export const CLOSED_BY_PEOPLE: JsonObject = {
  thereafter: [{ when: 'attempt-state Abort', after: '20s', do: [{ action: 'close', by: 'leo' }] }],
  expect: { pullRequests: [...none('open', 'merged'), { state: 'closed', closedBy: 'leo', count: 1 }] },
};
export const SIBLING = 'ai-operator/rollback/staging/argocd.checkout-canary/aaaaaaaaaa-to-bbbbbbbbbb';
/** A rollback of the same files is under way already; then people close it. */
export const AFTER_A_SIBLING: JsonObject = {
  thereafter: [
    {
      do: [
        {
          action: 'open-pull-request',
          by: 'ai-operator[bot]',
          head: SIBLING,
          title: 'Roll back checkout-canary',
          files: { [OVERLAY]: overlayAt('2.2.0') },
        },
      ],
    },
    {
      when: { on: 'attempt', application: APPLICATION, state: 'CandidateResolved', reason: 'waiting-for-sibling' },
      after: '5s',
      do: [{ action: 'close', by: 'maria', number: 1 }],
    },
  ],
};
/** Another bad version comes while the attempt of the first is held: that one is nobody's case any more. */
export const REDEPLOYED: JsonObject = {
  brokenImages: { 'ghcr.io/acme/checkout:2.5.0': 'CrashLoopBackOff' },
  thereafter: [
    {
      when: { on: 'attempt', application: APPLICATION, state: 'DegradationDetected', reason: 'held' },
      do: [deploy('worse', '2.5.0')],
    },
    {
      when: { on: 'deployed', application: APPLICATION, commit: 'worse' },
      after: '60s',
      do: [{ action: 'refresh', application: APPLICATION }],
    },
  ],
  expect: {
    attempts: [],
    git: [{ path: OVERLAY, equalsCommit: 'worse' }],
    pullRequests: none('open', 'merged', 'closed'),
    applications: [{ application: APPLICATION, health: 'Degraded' }],
  },
};
