import { destinationServer } from '../world/application-settings.js';
import type { ApplicationSettings } from '../world/application-settings.js';
import type { Scenario } from '../scenario.js';
import type { ScenarioApplication } from './application-schema.js';
import { switchApplication } from './switch-application.js';
import type { ScenarioStage } from './stage.js';

/** `repoURL` of the scenario's repository. */
export const repositoryUrl = ({ repository }: Scenario): string =>
  repository.url ?? `https://github.com/${repository.owner}/${repository.name}.git`;

/** Pushes the commits of the past, oldest first, and notes their ids. */
export async function seedCommits(stage: ScenarioStage): Promise<void> {
  const { repository } = stage.scenario;
  const now = stage.clock.now();
  for (const commit of repository.commits.toSorted((a, b) => a.at - b.at)) {
    const { by, message, files } = commit;
    const branch = commit.branch ?? repository.defaultBranch;
    const sha = await stage.github.push({ branch, files, message, by, at: now + commit.at });
    stage.commits.set(commit.id, sha);
  }
}

/** Puts the applications into the world, with their past; then lets the controllers look once. */
export async function seedApplications(stage: ScenarioStage): Promise<void> {
  const { scenario, world, commits } = stage;
  const now = stage.clock.now();
  for (const application of scenario.applications) {
    const app = world.addApplication(settingsOf(application, scenario));
    const past = application.deployed.map(({ commit, at, uptime }) => ({
      revision: commits.get(commit) ?? '',
      at: now + at,
      uptime,
    }));
    const gaps = application.gaps.map(({ from, to }) => ({ from: now + from, to: now + to }));
    await world.seedPast(app.key, past, gaps);
    switchApplication(app, application.switches, stage.speed);
  }
  await world.tick();
}

function settingsOf(app: ScenarioApplication, scenario: Scenario): ApplicationSettings {
  const { sources, sourceHydrator, automated, applicationSet, destination } = app;
  const place = {
    ...(destination.server === undefined ? {} : { server: destination.server }),
    ...(destination.name === undefined ? {} : { name: destination.name }),
    namespace: destination.namespace,
  };
  return {
    name: app.name,
    namespace: app.namespace,
    project: app.project,
    destination: place.name === undefined ? { ...place, server: destinationServer(place) } : place,
    source: {
      repoURL: app.repoURL ?? repositoryUrl(scenario),
      path: app.path,
      targetRevision: app.targetRevision,
      ...(app.kustomize === undefined ? {} : { kustomize: app.kustomize }),
      ...(app.directory === undefined ? {} : { directory: app.directory }),
    },
    ...(sources === undefined ? {} : { sources }),
    ...(sourceHydrator === undefined ? {} : { sourceHydrator }),
    labels: app.labels,
    annotations: app.annotations,
    ...(automated === false ? {} : { automated }),
    syncOptions: app.syncOptions,
    retryLimit: app.retryLimit,
    historyLimit: app.historyLimit,
    syncWindows: app.syncWindows,
    ...(applicationSet === undefined ? {} : { applicationSet }),
  };
}
