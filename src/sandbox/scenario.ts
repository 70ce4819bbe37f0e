import { z } from 'zod';
import { OperatorError } from '../base/errors.js';
import { applicationSchema } from './scenario/application-schema.js';
import { expectationSchema } from './scenario/expectation-schema.js';
import { expandFleets } from './scenario/fleet.js';
import { githubSchema, repositorySchema } from './scenario/repository-schema.js';
import { duration, scenarioName } from './scenario/scalars.js';
import { timelineSchema } from './scenario/timeline-schema.js';
import type { JsonObject } from './json-path.js';
import { POD_FAILURES } from './workloads/pod-failure.js';
import { CLUSTER_STATES, METRICS_STATES } from './world.js';

/**
 * One scenario: a world, what happens in it, and how it must end. Waits of the world (`world`, `github`, `timeline`,
 * flapping) are written as in real life and divided by the speed; moments of the past (`at`) are not.
 */
export const scenarioSchema = z.strictObject({
  name: scenarioName,
  title: z.string(),
  /** Sentences: what must be so for the scenario to make sense. */
  preconditions: z.array(z.string()).default([]),
  speed: z.number().positive().default(20),
  /** Beyond this speed the machine decides how it ends, not the scenario: nobody runs it faster. */
  fastest: z.number().positive().optional(),
  repository: repositorySchema,
  github: githubSchema.prefault({}),
  argocd: z
    .strictObject({
      account: z.string().default('ai-operator'),
      /** `<project>/<application>` patterns the account may get. */
      visible: z.array(z.string()).default(['*/*']),
      /** Requests without a good token go on as an account that sees nothing. */
      anonymous: z.boolean().default(false),
      token: z.enum(['valid', 'expired']).default('valid'),
    })
    .prefault({}),
  kubernetes: z
    .strictObject({ state: z.enum(CLUSTER_STATES).default('readable'), pods: z.boolean().default(true) })
    .prefault({}),
  prometheus: z
    .strictObject({ state: z.enum(METRICS_STATES).default('ok'), exportedNamespace: z.boolean().default(false) })
    .prefault({}),
  world: z
    .strictObject({
      poll: duration.prefault('20s'),
      sync: duration.prefault('4s'),
      podStart: duration.prefault('10s'),
      refreshDeadline: duration.prefault('60s'),
    })
    .prefault({}),
  applications: z.array(applicationSchema).min(1),
  brokenImages: z.record(z.string(), z.enum(POD_FAILURES)).default({}),
  timeline: timelineSchema,
  /** Laid over the operator configuration that fits the sandbox; `null` takes a key away. */
  operator: z.record(z.string(), z.unknown()).default({}),
  expect: expectationSchema.prefault({}),
});
/** A checked scenario, defaults filled in, durations in milliseconds. */
export type Scenario = z.output<typeof scenarioSchema>;

/** Checks a scenario document, fleets expanded. Throws `SANDBOX_SCENARIO_INVALID` with every fault. */
export function parseScenario(document: JsonObject, where: string): Scenario {
  const parsed = scenarioSchema.safeParse(expandFleets(document));
  const faults = parsed.success
    ? crossFaults(parsed.data)
    : parsed.error.issues.map((issue) => `${issue.path.join('.') || 'scenario'}: ${issue.message}`);
  if (parsed.success && faults.length === 0) return parsed.data;
  throw new OperatorError(
    'SANDBOX_SCENARIO_INVALID',
    'config',
    `${where} is not a scenario:\n${faults.map((f) => `  ${f}`).join('\n')}`,
  );
}

function crossFaults(scenario: Scenario): readonly string[] {
  const commits = new Map(scenario.repository.commits.map((commit) => [commit.id, commit.at]));
  const pushes = scenario.timeline
    .flatMap((entry) => entry.do)
    .map((one) => (one.action === 'push' ? one.id : undefined));
  const known = new Set([...commits.keys(), ...pushes]);
  const faults: string[] = [];
  for (const app of scenario.applications) {
    app.deployed.forEach(({ commit, at }, index) => {
      const committed = commits.get(commit);
      if (committed === undefined) {
        faults.push(`applications.${app.name}: deployed ${commit} is no commit of the repository`);
      } else if (at < committed)
        faults.push(`applications.${app.name}: ${commit} was deployed before it was committed`);
      const next = app.deployed[index + 1];
      if (next && next.at <= at) {
        faults.push(`applications.${app.name}: deployed must go from the oldest to the newest`);
      }
    });
  }
  for (const { path, equalsCommit } of scenario.expect.git) {
    if (equalsCommit !== undefined && !known.has(equalsCommit)) {
      faults.push(`expect.git ${path}: ${equalsCommit} is no commit of the scenario`);
    }
  }
  return faults;
}
