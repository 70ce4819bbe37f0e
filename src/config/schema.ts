import { z } from 'zod';
import type { OperatorConfig } from './operator-config.js';
import { flag, group, name, path } from './scalars.js';
import { environmentsSchema } from './schema-environments.js';
import {
  candidatesSchema,
  detectionSchema,
  guardsSchema,
  invariantsSchema,
  limitsSchema,
  productionSchema,
} from './schema-rules.js';
import { auditSchema, busSchema, storeSchema } from './schema-store-and-bus.js';
import { httpMetricsSchema, httpSchema, logSchema, notifySchema, tracingSchema } from './schema-surface.js';
import { timingSchema } from './schema-timing.js';
import {
  argocdSchema,
  githubSchema,
  kubernetesSchema,
  prometheusSchema,
  repositoriesSchema,
} from './schema-upstreams.js';

/** One schema per key at the top of the file, so that a fault in one does not hide those in another. */
export const SECTIONS = {
  instance: name('ai-operator').default('ai-operator').describe('Name of this operator; two of them must differ.'),
  development: flag().default(false).describe('Allows autonomy with a memory store, which forgets at every restart.'),
  environments: environmentsSchema,
  argocd: argocdSchema,
  github: githubSchema.prefault({}),
  repositories: repositoriesSchema,
  kubernetes: kubernetesSchema.prefault({}),
  prometheus: prometheusSchema.optional(),
  store: storeSchema.prefault({}),
  bus: busSchema.prefault({}),
  audit: auditSchema.prefault({}),
  killFile: path('/var/lib/ai-operator/kill')
    .default('/var/lib/ai-operator/kill')
    .describe('While this file exists, everything is paused.'),
  timing: timingSchema.prefault({}),
  candidates: candidatesSchema.prefault({}),
  invariants: invariantsSchema.prefault({}),
  guards: guardsSchema.prefault({}),
  limits: limitsSchema.prefault({}),
  production: productionSchema.prefault({}),
  detection: detectionSchema.prefault({}),
  http: httpSchema.prefault({}),
  httpMetrics: httpMetricsSchema.prefault({}),
  log: logSchema.prefault({}),
  tracing: tracingSchema.optional(),
  notify: notifySchema.prefault({}),
} satisfies { readonly [K in keyof Required<OperatorConfig>]: z.ZodType<OperatorConfig[K] | undefined> };

/** The whole file, for the JSON Schema. */
export const configSchema = group(SECTIONS);
