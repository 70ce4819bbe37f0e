import type { JsonObject } from '../../../src/sandbox/json-path.js';

const deployment = (image: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 4
  progressDeadlineSeconds: 60
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: "${image}" }] }
`;
export const WEB = 'apps/web/overlays/staging/web.yaml';

/** A small scenario as a document; fast enough for a test. */
export const scenarioDocument = (over: JsonObject = {}): JsonObject => ({
  name: 'small-world',
  title: 'One application',
  speed: 200,
  repository: {
    commits: [{ id: 'good', at: '-30h', by: 'maria', message: 'Deploy web 1', files: { [WEB]: deployment('web:1') } }],
  },
  applications: [
    {
      name: 'web',
      project: 'staging',
      destination: { namespace: 'web' },
      path: 'apps/web/overlays/staging',
      deployed: [{ commit: 'good', at: '-26h' }],
    },
  ],
  brokenImages: { 'web:2': 'CrashLoopBackOff' },
  ...over,
});

export const pushOf = (id: string, image: string): JsonObject => ({
  action: 'push',
  id,
  by: 'leo',
  message: `Deploy ${image}`,
  files: { [WEB]: deployment(image) },
});
