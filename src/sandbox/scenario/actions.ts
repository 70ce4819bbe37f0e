import { readerOf } from '../argocd/argocd-access.js';
import type { Fault, FaultPlan, FaultRule } from '../faults.js';
import { beginOperation } from '../world/sync-operation.js';
import type { ScenarioStage } from './stage.js';
import { withCommits } from './commit-references.js';
import { choosePullRequest } from './choose-pull-request.js';
import { switchApplication } from './switch-application.js';
import type { TimelineAction } from './timeline-schema.js';

/** Does one thing of the timeline. */
export async function perform(action: TimelineAction, stage: ScenarioStage): Promise<void> {
  const { github, faults, world } = stage;
  switch (action.action) {
    case 'push': {
      const { files, message, by } = action;
      const branch = withCommits(action.branch, stage);
      const sha = await github.push({ branch, files, message, by });
      if (action.id !== undefined) stage.commits.set(action.id, sha);
      return;
    }
    case 'open-pull-request': {
      const { by, head, base, title, body, files } = action;
      if (files) await github.push({ branch: head, files, message: title, by });
      await github.openPullRequest({ by, head, base, title, ...(body === undefined ? {} : { body }) });
      return;
    }
    case 'review':
      return github.review(choosePullRequest(stage, action), { by: action.by, state: action.state });
    case 'merge':
      await github.mergePullRequest(choosePullRequest(stage, action), action.by, action.method);
      return;
    case 'close':
      return github.closePullRequest(choosePullRequest(stage, action), action.by);
    case 'comment':
      await github.comment(choosePullRequest(stage, action), action.by, action.body);
      return;
    case 'label':
      return github.addLabel(choosePullRequest(stage, action), action.by, action.label);
    case 'unlabel':
      return github.removeLabel(choosePullRequest(stage, action), action.label);
    case 'push-to-pull-request':
      await github.pushToPullRequest(choosePullRequest(stage, action), action.by, action.files);
      return;
    case 'break':
      faults.add(ruleOf(action, Number.POSITIVE_INFINITY));
      return;
    case 'heal':
      healServer(faults, action.server);
      return;
    case 'fault':
      faults.add(ruleOf(action, action.times));
      return;
    case 'change-application':
      changeApplication(action, stage);
      return;
    case 'remove-application':
      world.removeApplication(action.application);
      return;
    case 'refresh':
      return world.refresh(world.get(action.application));
    case 'sync': {
      const app = world.get(action.application);
      const what = { revision: app.sync.revision, prune: false, partial: false };
      app.operation = beginOperation(what, stage.clock.now(), app.surroundings.syncMs);
      return;
    }
    case 'break-image':
      if (action.failure === null) world.brokenImages.delete(action.image);
      else world.brokenImages.set(action.image, action.failure);
      return;
    case 'change-world':
      changeWorld(action, stage);
  }
}

function ruleOf(action: Extract<TimelineAction, { action: 'break' | 'fault' }>, times: number): FaultRule {
  const { server, method, path, fault } = action;
  return {
    server,
    times,
    // the schema's optional fields are the fault's own, only spelt with `undefined`
    fault: JSON.parse(JSON.stringify(fault)) as Fault,
    ...(method === undefined ? {} : { method }),
    ...(path === undefined ? {} : { path: new RegExp(path) }),
  };
}

/** Takes away every fault of one server; those of the others stay. */
function healServer(faults: FaultPlan, server: FaultRule['server']): void {
  const others = faults.pending.filter((rule) => rule.server !== server);
  faults.clear();
  for (const rule of others) faults.add(rule);
}

function changeApplication(
  action: Extract<TimelineAction, { action: 'change-application' }>,
  stage: ScenarioStage,
): void {
  const app = stage.world.get(action.application);
  if (action.switches) switchApplication(app, action.switches, stage.speed);
  if (action.automated === false) {
    const { automated: _off, ...rest } = app.settings;
    app.settings = rest;
  } else if (action.automated) app.settings = { ...app.settings, automated: action.automated };
  if (action.syncWindows) app.settings = { ...app.settings, syncWindows: action.syncWindows };
  if (action.annotations) {
    const all = Object.entries({ ...app.settings.annotations, ...action.annotations });
    const left = all.filter((entry): entry is [string, string] => entry[1] !== null);
    app.settings = { ...app.settings, annotations: Object.fromEntries(left) };
  }
}

function changeWorld(action: Extract<TimelineAction, { action: 'change-world' }>, stage: ScenarioStage): void {
  const { world, argocd, argocdToken, scenario } = stage;
  world.clusterState = action.kubernetes ?? world.clusterState;
  world.metricsState = action.prometheus ?? world.metricsState;
  if (action.argocdToken) argocd.sessions.expire(argocdToken, action.argocdToken === 'expired');
  if (action.visible) argocd.sessions.reassign(argocdToken, readerOf(scenario.argocd.account, action.visible));
}
