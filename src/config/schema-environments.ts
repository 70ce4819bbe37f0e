import { z } from 'zod';
import { MODES } from '../model/policy.js';
import type { DestinationMatch, EnvironmentSettings } from './operator-config.js';
import { address, compact, group, list, text, word } from './scalars.js';

const pattern = (example: string): z.ZodType<string, string> =>
  text('a name or a pattern with `*`', example, /^[^\s/]+$/);
const applicationPattern = text('`<namespace>/<name>`', 'argocd/checkout-*', /^[^\s/]+\/[^\s/]+$/);
const pathGlob = text(
  'a pattern of files in the repository',
  'apps/*/overlays/staging/**',
  /^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))\S+$/,
);

const destination: z.ZodType<
  DestinationMatch,
  { server?: string | undefined; name?: string | undefined; namespace?: string | undefined }
> = group({
  server: address('https://kubernetes.default.svc')
    .describe('API server address of the destination cluster.')
    .optional(),
  name: pattern('in-cluster').describe('Name of the destination cluster; give it or server.').optional(),
  namespace: pattern('staging-*').describe('Namespace of the destination.').optional(),
})
  .check(({ value, issues }) => {
    if (Object.keys(value).length > 0 && !(value.server !== undefined && value.name !== undefined)) return;
    issues.push({
      code: 'custom',
      input: value,
      message:
        'a destination is told by server or name, and by namespace; write `{ name: in-cluster, namespace: staging }`',
    });
  })
  .transform(compact);

const match = group({
  projects: list(pattern('staging'), '[staging]').default([]).describe('Argo CD projects; `*` stands for any text.'),
  destinations: list(destination, '[{ name: in-cluster, namespace: staging }]')
    .default([])
    .describe('Where the application is deployed to.'),
  namespaces: list(pattern('team-a'), '[team-a]')
    .default([])
    .describe('Namespaces the Application objects live in; `*` stands for any text.'),
  applications: list(applicationPattern, '[argocd/checkout]')
    .default([])
    .describe('Applications as <namespace>/<name>; `*` stands for any text but /.'),
})
  .check(({ value, issues }) => {
    if (Object.values(value).some((entries) => entries.length > 0)) return;
    issues.push({
      code: 'custom',
      input: value,
      message: 'matches no application; write for instance `projects: [staging]`',
    });
  })
  .describe(
    'Which applications belong here: any entry of any list. An application that fits both environments is production.',
  );

const environment = (mode: string): z.ZodType<EnvironmentSettings> =>
  group({
    match,
    mode: word(MODES).describe(
      `Autonomy: off; observe = decide and record, no outside effect; propose = pull requests for people; ${mode}`,
    ),
    paths: list(pathGlob, '["apps/*/overlays/staging/**"]')
      .default([])
      .describe('Files in the repositories that belong to this environment alone (invariant I1).'),
  });

/** `environments`: what is managed, and how freely. */
export const environmentsSchema = group({
  staging: environment('auto = also merge when all invariants and guards hold.').optional(),
  production: environment('auto = also merge after a human approval, if production.mergeAfterApproval.').optional(),
})
  .check(({ value, issues }) => {
    if (value.staging !== undefined || value.production !== undefined) return;
    issues.push({
      code: 'custom',
      input: value,
      message: 'names no environment; write staging or production with match and mode',
    });
  })
  .describe('Which applications are managed and how freely. What no environment matches is left alone.')
  .transform(compact);
