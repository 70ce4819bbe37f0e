import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GitRepository } from '../../src/sandbox/git-repository.js';
import { World } from '../../src/sandbox/world.js';
import type { WorldOptions } from '../../src/sandbox/world.js';
import type { ApplicationSettings } from '../../src/sandbox/world/application-settings.js';
import type { SimulatedApplication } from '../../src/sandbox/world/simulated-application.js';
import { ManualClock } from '../support/manual-clock.js';

export const REPOSITORY_URL = 'https://github.com/acme/gitops.git';
export const GOOD = 'ghcr.io/acme/checkout:1';
export const BAD = 'ghcr.io/acme/checkout:2';
export const HOUR = 3_600_000;

/** A Deployment as its file. */
export const deploymentFile = (image: string, replicas = 4, extra = ''): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: checkout
  labels: { app: checkout }
spec:
  replicas: ${replicas}
  progressDeadlineSeconds: 60
${extra}  selector:
    matchLabels: { app: checkout }
  template:
    metadata:
      labels: { app: checkout }
    spec:
      containers:
        - name: checkout
          image: ${image}
`;
export const SERVICE_FILE = `apiVersion: v1
kind: Service
metadata: { name: checkout }
spec: { selector: { app: checkout }, ports: [{ port: 80 }] }
`;
export const PATH = 'apps/checkout/overlays/staging';
export const DEPLOYMENT = `${PATH}/deployment.yaml`;
export const CHECKOUT: ApplicationSettings = {
  name: 'checkout',
  namespace: 'argocd',
  project: 'staging',
  destination: { server: 'https://kubernetes.default.svc', namespace: 'shop' },
  source: { repoURL: REPOSITORY_URL, path: PATH, targetRevision: 'main' },
  labels: { team: 'shop' },
  annotations: {},
  automated: { prune: true, selfHeal: true },
  syncOptions: [],
  retryLimit: 2,
  historyLimit: 10,
  syncWindows: [],
};

/** A world over a real git repository, moved by hand: nothing happens but at `run`. */
export class WorldFixture {
  private constructor(
    readonly directory: string,
    readonly clock: ManualClock,
    readonly repository: GitRepository,
    readonly world: World,
  ) {}

  static async create(options: Partial<WorldOptions> = {}): Promise<WorldFixture> {
    const directory = await mkdtemp(join(tmpdir(), 'world-test-'));
    const clock = new ManualClock(Date.UTC(2026, 7, 1));
    const repository = await GitRepository.init(join(directory, 'repository.git'), 'main');
    const world = new World({
      clock,
      repository,
      repositoryUrl: REPOSITORY_URL,
      defaultBranch: 'main',
      speed: 1,
      brokenImages: { [BAD]: 'CrashLoopBackOff' },
      ...options,
    });
    return new WorldFixture(directory, clock, repository, world);
  }

  push(files: Readonly<Record<string, string | null>>, at = this.clock.now()): Promise<string> {
    const author = { name: 'maria', email: 'maria@acme.example' };
    return this.repository.commitFiles({ branch: 'main', files, message: 'Change', author, at });
  }

  /** An application that has run the good version for 26 hours. */
  async deployed(settings: Partial<ApplicationSettings> = {}, replicas = 4): Promise<SimulatedApplication> {
    const at = this.clock.now() - 26 * HOUR;
    const good = await this.push(
      { [DEPLOYMENT]: deploymentFile(GOOD, replicas), [`${PATH}/service.yaml`]: SERVICE_FILE },
      at,
    );
    const app = this.world.addApplication({ ...CHECKOUT, ...settings });
    await this.world.seedPast(app.key, [{ revision: good, at, uptime: 1 }]);
    await this.world.tick();
    return app;
  }

  /** Moves time on in steps of a second, letting the world act at each. */
  async run(seconds: number): Promise<void> {
    for (let i = 0; i < seconds; i++) {
      await this.clock.advance(1000, 1);
      await this.world.tick();
    }
  }
  /** Runs until it is so; fails after `seconds`. */
  async runUntil(isSo: () => boolean, seconds: number): Promise<void> {
    for (let i = 0; i < seconds; i++) {
      if (isSo()) return;
      await this.run(1);
    }
    if (!isSo()) throw new Error(`not so after ${seconds} s of the world's time`);
  }

  async close(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}
