import { z } from 'zod';

// Go leaves zero values out, or writes null for an empty pointer: nearly everything may be absent or null.
const text = z.string().nullish();
const flag = z.boolean().nullish();
const texts = z.array(z.string()).nullish();
const textMap = z.record(z.string(), z.string()).nullish();

/** One source, with every field it has: an unknown setting is part of the content too. */
export const sourceSchema = z.looseObject({
  repoURL: z.string().default(''),
  path: z.exactOptional(z.string()),
  targetRevision: z.exactOptional(z.string()),
  chart: z.exactOptional(z.string()),
  ref: z.exactOptional(z.string()),
});
const sources = z.array(sourceSchema).nullish();

const destinationSchema = z.object({ server: text, name: text, namespace: text });
export type WireDestination = z.infer<typeof destinationSchema>;

const hydratorSchema = z.object({
  drySource: sourceSchema,
  syncSource: z.object({ repoURL: text, targetBranch: text, path: text }).nullish(),
});
const sourcesSchema = z.object({
  source: sourceSchema.nullish(),
  sources,
  sourceHydrator: hydratorSchema.nullish(),
});
/** The part of a spec that says what an application renders from. */
export type WireSources = z.infer<typeof sourcesSchema>;

const specSchema = sourcesSchema.extend({ project: text, destination: destinationSchema.nullish() });
const healthSchema = z.object({ status: text, lastTransitionTime: text });

/** One item of a list, whichever fields were asked for. */
export const listedApplicationSchema = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string(), annotations: textMap }),
  spec: specSchema.nullish(),
  status: z
    .object({
      health: healthSchema.nullish(),
      sync: z.object({ status: text, revision: text }).nullish(),
      operationState: z.object({ phase: text, finishedAt: text }).nullish(),
    })
    .nullish(),
});
export type ListedApplication = z.infer<typeof listedApplicationSchema>;

export const projectListSchema = z.object({
  items: z.array(z.object({ metadata: z.object({ name: z.string() }) })).nullish(),
});

/** What was deployed by a sync, in each of its three shapes. */
const deployedSchema = z.object({ revision: text, revisions: texts, source: sourceSchema.nullish(), sources });
export type WireDeployed = z.infer<typeof deployedSchema>;

const syncRequestSchema = z.object({ revision: text, dryRun: flag, manifests: texts });
const operationStateSchema = z.object({
  phase: text,
  message: text,
  startedAt: text,
  finishedAt: text,
  retryCount: z.number().nullish(),
  operation: z.object({ sync: syncRequestSchema.nullish() }).nullish(),
  syncResult: deployedSchema.extend({ resources: z.array(z.unknown()).nullish() }).nullish(),
});
export type WireOperationState = z.infer<typeof operationStateSchema>;

const historySchema = deployedSchema.extend({ id: z.number().nullish(), deployStartedAt: text, deployedAt: text });
export type WireHistoryEntry = z.infer<typeof historySchema>;

const resourceSchema = z.object({
  group: text,
  version: text,
  kind: z.string(),
  namespace: text,
  name: z.string(),
  status: text,
  health: z.object({ status: text }).nullish(),
  hook: flag,
  requiresPruning: flag,
});
export type WireResource = z.infer<typeof resourceSchema>;

const automatedSchema = z.object({ enabled: flag, prune: flag, selfHeal: flag });

/** One application as `GET /api/v1/applications/{name}` answers it; only what the operator reads. */
export const applicationSchema = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    labels: textMap,
    annotations: textMap,
    deletionTimestamp: text,
    ownerReferences: z.array(z.object({ kind: z.string() })).nullish(),
  }),
  spec: specSchema.extend({ syncPolicy: z.object({ automated: automatedSchema.nullish() }).nullish() }),
  operation: z.looseObject({}).nullish(),
  status: z
    .object({
      health: healthSchema.nullish(),
      reconciledAt: text,
      sourceType: text,
      sync: z.object({ status: text, revision: text, revisions: texts }).nullish(),
      history: z.array(historySchema).nullish(),
      operationState: operationStateSchema.nullish(),
      resources: z.array(resourceSchema).nullish(),
      conditions: z.array(z.object({ type: z.string(), message: text })).nullish(),
    })
    .nullish(),
});
export type WireApplication = z.infer<typeof applicationSchema>;

/** Only what renders: enough to see whether one revision or one per source must be given. */
export const applicationShapeSchema = z.object({ spec: sourcesSchema });

const syncWindowSchema = z.object({ kind: text, schedule: text, duration: text });
export type WireSyncWindow = z.infer<typeof syncWindowSchema>;
export const syncWindowsSchema = z.object({
  activeWindows: z.array(syncWindowSchema).nullish(),
  assignedWindows: z.array(syncWindowSchema).nullish(),
});

export const manifestsSchema = z.object({ manifests: texts });
export const liveResourceSchema = z.object({ manifest: z.string() });
export const userInfoSchema = z.object({ loggedIn: flag, username: text });
export const versionSchema = z.object({ Version: z.string() });
export const canISchema = z.object({ value: text });
