import { z } from 'zod';
import { OperatorError } from '../../base/errors.js';
import type { BranchRules, MergeMethod, RepositoryId, RequiredCheck } from '../../ports/source-control.js';
import { inRepository } from './fields.js';
import type { OctokitClient } from './octokit-client.js';

const MERGE_METHODS: readonly MergeMethod[] = ['merge', 'squash', 'rebase'];
const STRAIGHT_METHODS: readonly MergeMethod[] = ['squash', 'rebase'];

/** -1 is GitHub's word for "any app". */
const appIdSchema = z
  .number()
  .nullish()
  .transform((id) => (id === null || id === undefined || id < 0 ? undefined : id));
const classicChecksSchema = z.object({
  strict: z.boolean().optional(),
  contexts: z.array(z.string()).optional(),
  checks: z.array(z.object({ context: z.string(), app_id: appIdSchema })).optional(),
});
const switchSchema = z.object({ enabled: z.boolean() }).optional();
/** What anybody who can read the branch is shown of its classic protection. */
const branchSchema = z.object({
  name: z.string(),
  protected: z.boolean(),
  protection: z
    .object({
      required_status_checks: classicChecksSchema.extend({ enforcement_level: z.string().optional() }).nullish(),
    })
    .optional(),
});
/** The whole of it, for who may administer. */
const protectionSchema = z.object({
  required_status_checks: classicChecksSchema.nullish(),
  required_pull_request_reviews: z.object({ required_approving_review_count: z.number().optional() }).nullish(),
  required_signatures: switchSchema,
  required_linear_history: switchSchema,
});

const ruleSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('required_status_checks'),
    parameters: z.object({
      required_status_checks: z.array(z.object({ context: z.string(), integration_id: appIdSchema })),
      strict_required_status_checks_policy: z.boolean(),
    }),
  }),
  z.object({
    type: z.literal('pull_request'),
    parameters: z.object({
      required_approving_review_count: z.number(),
      allowed_merge_methods: z.array(z.string()).optional(),
    }),
  }),
  z.object({ type: z.literal('merge_queue') }),
  z.object({ type: z.literal('required_signatures') }),
  z.object({ type: z.literal('required_linear_history') }),
]);
type Rule = z.infer<typeof ruleSchema>;
const KNOWN_RULES: ReadonlySet<string> = new Set(ruleSchema.options.map((option) => option.shape.type.value));
/** Rules of other types do not bear on what we ask; GitHub's `mergeable_state` still answers for them. */
const rulesSchema = z.array(
  z.looseObject({ type: z.string() }).transform((rule, context): Rule | undefined => {
    if (!KNOWN_RULES.has(rule.type)) return undefined;
    const parsed = ruleSchema.safeParse(rule);
    if (parsed.success) return parsed.data;
    context.addIssue({ code: 'custom', message: `rule ${rule.type}: ${parsed.error.issues[0]?.message ?? ''}` });
    return undefined;
  }),
);

/**
 * Rules of a branch: classic protection (all of it where the operator may see it, else the part every reader sees) and
 * rulesets, joined; the stricter wins.
 */
export async function getBranchRules(
  client: OctokitClient,
  repo: RepositoryId,
  branch: string,
  signal: AbortSignal,
): Promise<BranchRules> {
  const parameters = { ...inRepository(repo), branch };
  const found = await client.call(
    { route: 'GET /repos/{owner}/{repo}/branches/{branch}', parameters, schema: branchSchema, fresh: true },
    signal,
  );
  const rules = await client.list(
    { route: 'GET /repos/{owner}/{repo}/rules/branches/{branch}', parameters, schema: rulesSchema, fresh: true },
    { maxPages: 10 },
    signal,
  );
  const whole = found.protected ? await findProtection(client, repo, branch, signal) : undefined;
  const partial = found.protection?.required_status_checks;
  const classic = [partial?.enforcement_level === 'off' ? undefined : partial, whole?.required_status_checks].filter(
    (part) => part !== undefined && part !== null,
  );
  return join(
    classic,
    whole,
    rules.filter((rule) => rule !== undefined),
  );
}

/** Needs the right to read the administration, which the operator can do without. */
async function findProtection(
  client: OctokitClient,
  repo: RepositoryId,
  branch: string,
  signal: AbortSignal,
): Promise<z.infer<typeof protectionSchema> | undefined> {
  try {
    const parameters = { ...inRepository(repo), branch };
    return await client.find(
      {
        route: 'GET /repos/{owner}/{repo}/branches/{branch}/protection',
        parameters,
        schema: protectionSchema,
        fresh: true,
      },
      signal,
    );
  } catch (error) {
    if (error instanceof OperatorError && error.code === 'GITHUB_DENIED') return undefined;
    throw error;
  }
}

function join(
  classic: readonly z.infer<typeof classicChecksSchema>[],
  whole: z.infer<typeof protectionSchema> | undefined,
  rules: readonly Rule[],
): BranchRules {
  const checks: RequiredCheck[] = classic.flatMap((part) => classicChecks(part));
  const approvals = [whole?.required_pull_request_reviews?.required_approving_review_count ?? 0];
  let mergeMethods = whole?.required_linear_history?.enabled === true ? STRAIGHT_METHODS : MERGE_METHODS;
  let [mergeQueue, requiresSignatures, requiresUpToDate] = [
    false,
    whole?.required_signatures?.enabled === true,
    classic.some((part) => part.strict === true),
  ];
  for (const rule of rules) {
    switch (rule.type) {
      case 'required_status_checks':
        checks.push(...rule.parameters.required_status_checks.map((c) => requiredCheck(c.context, c.integration_id)));
        requiresUpToDate ||= rule.parameters.strict_required_status_checks_policy;
        break;
      case 'pull_request': {
        const allowed = rule.parameters.allowed_merge_methods;
        approvals.push(rule.parameters.required_approving_review_count);
        if (allowed !== undefined) mergeMethods = mergeMethods.filter((method) => allowed.includes(method));
        break;
      }
      case 'merge_queue':
        mergeQueue = true;
        break;
      case 'required_signatures':
        requiresSignatures = true;
        break;
      case 'required_linear_history':
        mergeMethods = mergeMethods.filter((method) => STRAIGHT_METHODS.includes(method));
        break;
    }
  }
  return {
    requiredChecks: withoutRepeats(checks),
    requiredApprovals: Math.max(...approvals),
    mergeQueue,
    requiresSignatures,
    requiresUpToDate,
    ...(mergeMethods.length === MERGE_METHODS.length ? {} : { mergeMethods }),
  };
}
function classicChecks(part: z.infer<typeof classicChecksSchema>): readonly RequiredCheck[] {
  const checks = (part.checks ?? []).map((c) => requiredCheck(c.context, c.app_id));
  // `contexts` names again, without its app, what `checks` says better.
  const unnamed = (part.contexts ?? []).filter((context) => !checks.some((check) => check.name === context));
  return [...checks, ...unnamed.map((context) => requiredCheck(context, undefined))];
}
const requiredCheck = (name: string, appId: number | undefined): RequiredCheck => ({
  name,
  ...(appId === undefined ? {} : { appId }),
});
const withoutRepeats = (checks: readonly RequiredCheck[]): readonly RequiredCheck[] => [
  ...new Map(checks.map((c) => [`${c.appId ?? ''} ${c.name}`, c])).values(),
];
