import { z } from 'zod';
import { duration, files, past } from './scalars.js';

const seededCommit = z.strictObject({
  /** Other parts of the scenario name the commit by it. */
  id: z.string(),
  at: past,
  by: z.string(),
  message: z.string(),
  branch: z.string().optional(),
  files,
});

/** `repository`: the one git repository and its past. */
export const repositorySchema = z.strictObject({
  owner: z.string().default('acme'),
  name: z.string().default('gitops'),
  defaultBranch: z.string().default('main'),
  /** As applications name it; from owner and name unless told. */
  url: z.string().optional(),
  commits: z.array(seededCommit).min(1),
});

const check = z.strictObject({ context: z.string(), appId: z.number().int().optional() });
const ciStep = z.strictObject({
  name: z.string(),
  kind: z.enum(['check-run', 'status']).default('check-run'),
  registersAfter: duration.prefault('5s'),
  takes: duration.prefault('40s'),
  conclusion: z.string().default('success'),
  appId: z.number().int().optional(),
});
const rules = z.strictObject({
  requiredChecks: z.array(check).default([{ context: 'validate' }]),
  via: z.enum(['classic', 'ruleset']).default('ruleset'),
  requiredApprovals: z.number().int().min(0).default(0),
  strict: z.boolean().default(false),
  mergeQueue: z.boolean().default(false),
  signatures: z.boolean().default(false),
});

/** `github`: people, rules and checks. Durations are divided by the speed. */
export const githubSchema = z.strictObject({
  operatorLogin: z.string().default('ai-operator[bot]'),
  collaborators: z
    .record(z.string(), z.enum(['read', 'triage', 'write', 'maintain', 'admin']))
    .default({ maria: 'maintain', leo: 'write' }),
  teams: z.record(z.string(), z.array(z.string())).default({}),
  mergeMethods: z
    .array(z.enum(['merge', 'squash', 'rebase']))
    .min(1)
    .default(['merge', 'squash', 'rebase']),
  rules: rules.prefault({}),
  ci: z.array(ciStep).prefault([{ name: 'validate' }]),
  /** What commits of the past show. */
  historyCi: z.enum(['success', 'failure', 'none']).default('success'),
  mergeableNullReads: z.number().int().min(0).optional(),
  listLag: duration.optional(),
  dirEntry: z.enum(['merge', 'replace', 'reject']).optional(),
  treeTruncatedAbove: z.number().int().optional(),
  appPermissions: z.record(z.string(), z.enum(['read', 'write'])).optional(),
  rateLimitPerHour: z.number().int().optional(),
  archived: z.boolean().optional(),
});
