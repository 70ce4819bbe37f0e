import { json } from '../../http-message.js';
import type { Reply } from '../../http-message.js';
import type { Forge } from '../forge.js';
import { rulesApplyTo } from '../mergeability.js';
import { paged } from '../paging.js';
import { refusal } from '../refusals.js';
import { reads } from '../routes.js';
import type { AccountCall, Routes } from '../routes.js';
import { commitShape } from '../shapes/commit.js';

const ADMIN_READS = { needs: { administration: 'read' }, role: 'admin' } as const;

/** Rules of a branch: rulesets for everybody, classic protection in part, in whole for administrators only. */
export function addBranchRuleRoutes(routes: Routes): void {
  routes.repo('GET', '/branches/*branch/protection', ADMIN_READS, readProtection);
  routes.repo('GET', '/branches/*branch', reads('contents'), readBranch);
  routes.repo('GET', '/rules/branches/*branch', reads('metadata'), ({ forge, params, request }) =>
    // A branch that does not exist yet may have rules too.
    paged({ request, links: forge.links, items: rulesetRules(forge, params.get('branch')), shape: (rule) => rule }),
  );
}

const isClassic = (forge: Forge, branch: string): boolean => {
  const { via, requiredChecks, requiredApprovals, mergeQueue } = forge.options.branchRules;
  const any = requiredChecks.length > 0 || requiredApprovals > 0 || mergeQueue;
  return via === 'classic' && any && rulesApplyTo(forge, branch);
};

function requiredChecks(forge: Forge): Pick<Record<string, unknown>, 'contexts' | 'checks'> {
  const checks = forge.options.branchRules.requiredChecks;
  return {
    contexts: checks.map(({ context }) => context),
    checks: checks.map(({ context, appId }) => ({ context, app_id: appId ?? null })),
  };
}

async function branchHead({ forge, params }: AccountCall): Promise<string> {
  const sha = await forge.branchSha(params.get('branch'));
  if (sha === undefined) throw refusal(404, 'Branch not found');
  return sha;
}

async function readBranch(call: AccountCall): Promise<Reply> {
  const { forge, params } = call;
  const name = params.get('branch');
  const head = await branchHead(call);
  const self = `${forge.links.repo}/branches/${name}`;
  const classic = isClassic(forge, name);
  const none = { enforcement_level: 'off', contexts: [], checks: [] };
  return json(200, {
    name,
    commit: commitShape(forge, await forge.repository.readCommit(head)),
    _links: { self, html: `${forge.links.page}/tree/${name}` },
    protected: classic,
    protection: {
      enabled: classic,
      required_status_checks: classic ? { enforcement_level: 'non_admins', ...requiredChecks(forge) } : none,
    },
    protection_url: `${self}/protection`,
  });
}

async function readProtection(call: AccountCall): Promise<Reply> {
  const { forge, params } = call;
  await branchHead(call);
  const name = params.get('branch');
  if (!isClassic(forge, name)) throw refusal(404, 'Branch not protected');
  const { strict, requiredApprovals, signatures = false, requiredChecks: checks } = forge.options.branchRules;
  const url = `${forge.links.repo}/branches/${name}/protection`;
  const statusUrl = `${url}/required_status_checks`;
  const reviewUrl = `${url}/required_pull_request_reviews`;
  const status = { url: statusUrl, strict, ...requiredChecks(forge), contexts_url: `${statusUrl}/contexts` };
  const review = {
    url: reviewUrl,
    dismiss_stale_reviews: false,
    require_code_owner_reviews: false,
    require_last_push_approval: false,
    required_approving_review_count: requiredApprovals,
  };
  return json(200, {
    url,
    ...(checks.length > 0 ? { required_status_checks: status } : {}),
    ...(requiredApprovals > 0 ? { required_pull_request_reviews: review } : {}),
    enforce_admins: { url: `${url}/enforce_admins`, enabled: true },
    required_signatures: { url: `${url}/required_signatures`, enabled: signatures },
    allow_force_pushes: { enabled: false },
    allow_deletions: { enabled: false },
  });
}

const QUEUE = {
  check_response_timeout_minutes: 60,
  grouping_strategy: 'ALLGREEN',
  max_entries_to_build: 5,
  max_entries_to_merge: 5,
  merge_method: 'MERGE',
  min_entries_to_merge: 1,
  min_entries_to_merge_wait_minutes: 5,
};

function rulesetRules(forge: Forge, branch: string): readonly Record<string, unknown>[] {
  const rules = forge.options.branchRules;
  if (rules.via !== 'ruleset' || !rulesApplyTo(forge, branch)) return [];
  const { owner, name, mergeMethods } = forge.options;
  const source = { ruleset_source_type: 'Repository', ruleset_source: `${owner}/${name}`, ruleset_id: 1 };
  const review = {
    allowed_merge_methods: mergeMethods,
    dismiss_stale_reviews_on_push: false,
    require_code_owner_review: false,
    require_last_push_approval: false,
    required_approving_review_count: rules.requiredApprovals,
    required_review_thread_resolution: false,
  };
  const checks = rules.requiredChecks.map(({ context, appId }) => ({
    context,
    ...(appId === undefined ? {} : { integration_id: appId }),
  }));
  const status = { required_status_checks: checks, strict_required_status_checks_policy: rules.strict };
  return [
    { type: 'non_fast_forward', ...source },
    { type: 'pull_request', ...source, parameters: review },
    ...(checks.length > 0 ? [{ type: 'required_status_checks', ...source, parameters: status }] : []),
    ...(rules.mergeQueue ? [{ type: 'merge_queue', ...source, parameters: QUEUE }] : []),
    ...(rules.signatures === true ? [{ type: 'required_signatures', ...source }] : []),
  ];
}
