import { expect } from 'chai';
import { applicationKey, type ApplicationKey, type HealthStatus } from '../../src/model/application.js';
import type { HealthSample, MetricsBackend, TimeWindow } from '../../src/ports/metrics-backend.js';

/** An application had a health status from `from` on, before `to`; it was looked at each 30 s. */
export interface RecordedHealth {
  readonly application: ApplicationKey;
  readonly status: HealthStatus;
  readonly from: number;
  readonly to: number;
}
/** A backend that knows the recorded past. */
export interface BackendWithPast {
  readonly backend: MetricsBackend;
  close(): Promise<void>;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A full minute, some days ago whenever the suite is run on a real store with a retention. */
const NOW = Date.UTC(2026, 0, 20, 12);
/** How long a backend may go on saying what it heard last (Prometheus: 5 min). */
const STALE_MS = 5 * MINUTE;

const SHOP = applicationKey('argocd', 'shop');
const OTHER_SHOP = applicationKey('team-a', 'shop');
const BAD = applicationKey('argocd', 'never-healthy');
const GAP = applicationKey('argocd', 'with-a-gap');
const LONG = applicationKey('argocd', 'long-lived');
const ODD = applicationKey('argocd', 'a"} or vector(1) #\\');

const PAST: readonly RecordedHealth[] = [
  { application: SHOP, status: 'Healthy', from: NOW - DAY, to: NOW - 2 * HOUR },
  { application: SHOP, status: 'Degraded', from: NOW - 2 * HOUR, to: NOW - HOUR },
  { application: SHOP, status: 'Progressing', from: NOW - HOUR, to: NOW },
  { application: OTHER_SHOP, status: 'Missing', from: NOW - 3 * HOUR, to: NOW },
  { application: BAD, status: 'Degraded', from: NOW - 3 * HOUR, to: NOW },
  { application: GAP, status: 'Healthy', from: NOW - 3 * HOUR, to: NOW - 2 * HOUR },
  { application: GAP, status: 'Healthy', from: NOW - HOUR, to: NOW },
  { application: LONG, status: 'Healthy', from: NOW - 9 * DAY, to: NOW - 9 * DAY + HOUR },
  { application: LONG, status: 'Suspended', from: NOW - HOUR, to: NOW },
  { application: ODD, status: 'Healthy', from: NOW - HOUR, to: NOW },
];

/** What every MetricsBackend must do. `start` gets a past and gives a backend that knows it; it is called once. */
export function metricsBackendContract(
  title: string,
  start: (past: readonly RecordedHealth[]) => Promise<BackendWithPast>,
): void {
  describe(`${title} is a metrics backend`, () => {
    let world: BackendWithPast;
    const signal = new AbortController().signal;
    before(async () => {
      world = await start(PAST);
    });
    after(async () => {
      await world.close();
    });
    const samples = async (application: ApplicationKey, window: TimeWindow): Promise<readonly HealthSample[]> => {
      const history = await world.backend.healthHistory(application, window, signal);
      if (history.kind === 'unavailable') throw new Error(`unavailable: ${history.why}`);
      return history.samples;
    };
    const statuses = (of: readonly HealthSample[]): readonly string[] =>
      [...new Set(of.flatMap((s) => s.statuses))].toSorted();

    it('gives one sample per minute of a window, its end excluded: 24 h are 1440', async () => {
      const history = await world.backend.healthHistory(SHOP, { from: NOW - DAY, to: NOW }, signal);
      if (history.kind === 'unavailable') throw new Error(history.why);
      expect(history.stepMs).to.equal(MINUTE);
      expect(history.samples).to.have.length(1440);
      expect(history.samples.map((s) => s.at)).to.deep.equal(
        Array.from({ length: 1440 }, (_, i) => NOW - DAY + i * MINUTE),
      );
    });

    it('says which status was held when', async () => {
      const held = async (from: number, to: number): Promise<readonly string[]> =>
        statuses(await samples(SHOP, { from, to }));
      expect(await held(NOW - DAY, NOW - 2 * HOUR)).to.deep.equal(['Healthy']);
      expect(await held(NOW - 2 * HOUR + STALE_MS, NOW - HOUR)).to.deep.equal(['Degraded']);
      expect(await held(NOW - HOUR + STALE_MS, NOW)).to.deep.equal(['Progressing']);
    });

    it('never hides the new status behind the old one at a change', async () => {
      const change = await samples(SHOP, { from: NOW - 2 * HOUR, to: NOW - 2 * HOUR + STALE_MS });
      expect(change).to.have.length(5);
      for (const sample of change) expect(sample.statuses).to.include('Degraded');
    });

    it('shows an application that was never Healthy with the status it had: that is not "no data"', async () => {
      const bad = await samples(BAD, { from: NOW - 3 * HOUR, to: NOW });
      expect([bad.length, statuses(bad)]).to.deep.equal([180, ['Degraded']]);
    });

    it('leaves a gap where nobody looked', async () => {
      const seen = await samples(GAP, { from: NOW - 3 * HOUR, to: NOW });
      expect(seen.filter((s) => s.at >= NOW - 2 * HOUR + STALE_MS && s.at < NOW - HOUR)).to.deep.equal([]);
      expect(seen.filter((s) => s.at < NOW - 2 * HOUR)).to.have.length(60);
      expect(seen.filter((s) => s.at >= NOW - HOUR)).to.have.length(60);
    });

    it('knows nothing of an unknown application, of a time before it, and of an empty window; none of them is a fault', async () => {
      expect(await samples(applicationKey('argocd', 'unknown'), { from: NOW - DAY, to: NOW })).to.deep.equal([]);
      expect(await samples(SHOP, { from: NOW - 3 * DAY, to: NOW - 2 * DAY })).to.deep.equal([]);
      expect(await samples(SHOP, { from: NOW, to: NOW })).to.deep.equal([]);
      expect(await samples(SHOP, { from: NOW, to: NOW - HOUR })).to.deep.equal([]);
    });

    it('keeps applications of one name in two namespaces apart', async () => {
      expect(statuses(await samples(OTHER_SHOP, { from: NOW - 3 * HOUR, to: NOW }))).to.deep.equal(['Missing']);
    });

    it('takes a name for a name, whatever it holds', async () => {
      expect(statuses(await samples(ODD, { from: NOW - HOUR, to: NOW }))).to.deep.equal(['Healthy']);
    });

    it('answers a window of nine days whole', async () => {
      const seen = await samples(LONG, { from: NOW - 9 * DAY, to: NOW });
      expect(statuses(seen.filter((s) => s.at < NOW - 8 * DAY))).to.deep.equal(['Healthy']);
      expect(statuses(seen.filter((s) => s.at >= NOW - HOUR))).to.deep.equal(['Suspended']);
      expect(seen.filter((s) => s.at >= NOW - HOUR)).to.have.length(60);
      expect(new Set(seen.map((s) => s.at)).size).to.equal(seen.length);
    });

    it('an aborted call is cancelled, not unavailable', async () => {
      const ended = await world.backend.healthHistory(SHOP, { from: NOW - HOUR, to: NOW }, AbortSignal.abort()).then(
        (history) => history.kind,
        (error: unknown) => (error instanceof Error && 'category' in error ? error.category : error),
      );
      expect(ended).to.equal('cancelled');
    });
  });
}
