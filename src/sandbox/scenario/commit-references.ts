import type { ScenarioStage } from './stage.js';

/** `{id}` in a text is the short id (10 digits) of the scenario's commit of that name, as branches and reasons have it. */
export const withCommits = (text: string, { commits }: Pick<ScenarioStage, 'commits'>): string =>
  text.replaceAll(/\{([^}]+)\}/g, (whole, id: string) => commits.get(id)?.slice(0, 10) ?? whole);
