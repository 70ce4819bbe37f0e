import { z } from 'zod';
import { HEALTH_STATUSES } from '../../model/application.js';
import { duration, past } from './scalars.js';

const sourceSettings = z.record(z.string(), z.unknown());

/** A window; whether it is active is said, not computed. */
export const syncWindowSchema = z.strictObject({
  kind: z.enum(['allow', 'deny']),
  schedule: z.string().default('0 22 * * *'),
  duration: z.string().default('8h'),
  manualSync: z.boolean().default(false),
  active: z.boolean(),
});

/** Automated sync; `false` = off. */
export const automatedSchema = z.union([
  z.literal(false),
  z.strictObject({ prune: z.boolean().default(true), selfHeal: z.boolean().default(true) }),
]);

/** What can be done to an application beside changing its files; see `ApplicationSwitches`. */
export const switchesSchema = z.strictObject({
  refreshIgnored: z.boolean().optional(),
  frozen: z.boolean().optional(),
  /** How much older than it is its status says it is; not divided by the speed. */
  reconciledBehind: duration.optional(),
  /** No commit heals it: every pod made from now on fails. */
  doomed: z.boolean().optional(),
  /** The same, from the moment it first turns Degraded. */
  staysRedOnceDegraded: z.boolean().optional(),
  /** Falls ill and recovers by itself, in rounds; an empty list ends it. Durations are divided by the speed. */
  flapping: z.array(z.strictObject({ health: z.enum(['Healthy', 'Degraded']), for: duration })).optional(),
  operationHeld: z.boolean().optional(),
  /** Message of every sync from now on; null = syncs work again. */
  syncFailure: z.string().nullable().optional(),
  resourceHealthHidden: z.boolean().optional(),
  /** Resources whose health is not what the cluster says, by kind and name; `health: null` ends it. */
  sick: z
    .array(
      z.strictObject({
        kind: z.string(),
        name: z.string(),
        health: z.enum(HEALTH_STATUSES).nullable(),
        message: z.string().optional(),
      }),
    )
    .optional(),
});
/** Switches as a scenario sets them; what is absent stays as it is. */
export type SwitchSettings = z.output<typeof switchesSchema>;

const pastDeployment = z.strictObject({
  /** Id of a seeded commit. */
  commit: z.string(),
  at: past,
  /** Share of the time it was up. */
  uptime: z.number().min(0).max(1).default(1),
});

/** One entry of `applications`. */
export const applicationSchema = z.strictObject({
  name: z.string(),
  namespace: z.string().default('argocd'),
  project: z.string(),
  destination: z.strictObject({
    /** The cluster Argo CD runs in unless server or name say otherwise. */
    server: z.string().optional(),
    name: z.string().optional(),
    namespace: z.string(),
  }),
  path: z.string(),
  targetRevision: z.string().default('main'),
  /** Another repository than the scenario's: cannot be rendered. */
  repoURL: z.string().optional(),
  kustomize: sourceSettings.optional(),
  directory: sourceSettings.optional(),
  /** Shapes that are shown but not simulated. */
  sources: z.array(sourceSettings).optional(),
  sourceHydrator: sourceSettings.optional(),
  labels: z.record(z.string(), z.string()).default({}),
  annotations: z.record(z.string(), z.string()).default({}),
  automated: automatedSchema.prefault({}),
  syncOptions: z.array(z.string()).default([]),
  retryLimit: z.number().int().min(0).default(5),
  historyLimit: z.number().int().min(0).default(10),
  syncWindows: z.array(syncWindowSchema).default([]),
  applicationSet: z.string().optional(),
  /** What was deployed when, oldest first. */
  deployed: z.array(pastDeployment).default([]),
  /** Holes in what Prometheus has scraped. */
  gaps: z.array(z.strictObject({ from: past, to: past })).default([]),
  switches: switchesSchema.prefault({}),
});
/** An application of a scenario, defaults filled in. */
export type ScenarioApplication = z.output<typeof applicationSchema>;
