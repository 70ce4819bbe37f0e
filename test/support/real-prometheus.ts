import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.js';

/** Samples of one series: `labels` as they stand in the time series database, `at` in milliseconds. */
export interface RecordedSeries {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly at: readonly number[];
  /** Default 1; `NaN` is written as such. */
  readonly value?: number;
}

/** A Prometheus with a recorded past. */
export interface RealPrometheus {
  readonly url: string;
  close(): Promise<void>;
}

/** True when both binaries are there. Says aloud when not; on CI (`CI=true`) that is a failure. */
export function hasPrometheus(): boolean {
  const missing = ['prometheus', 'promtool'].filter((binary) => spawnSync(binary, ['--version']).status !== 0);
  if (missing.length === 0) return true;
  const message = `${missing.join(' and ')} not found: the tests against a real Prometheus need Debian's package prometheus`;
  if (process.env['CI'] === 'true') throw new Error(message);
  console.warn(`SKIPPED: ${message}`);
  return false;
}

/** Writes the past as blocks with promtool and starts the server on a free port over them. */
export async function startPrometheus(series: readonly RecordedSeries[]): Promise<RealPrometheus> {
  const folder = await mkdtemp(path.join(tmpdir(), 'prometheus-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const data = path.join(folder, 'data');
    await writeFile(path.join(folder, 'past.om'), openMetrics(series));
    await promisify(execFile)('promtool', [
      'tsdb',
      'create-blocks-from',
      'openmetrics',
      path.join(folder, 'past.om'),
      data,
    ]);
    const config = path.join(folder, 'prometheus.yml');
    await writeFile(config, 'global: {}\n');
    const address = `127.0.0.1:${await freePort()}`;
    const server = spawn(
      'prometheus',
      [
        `--config.file=${config}`,
        `--storage.tsdb.path=${data}`,
        '--storage.tsdb.retention.time=100y',
        `--web.listen-address=${address}`,
        '--log.level=error',
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    const close = async (): Promise<void> => {
      await stop(server);
      await remove();
    };
    const url = `http://${address}`;
    await untilReady(url, server).catch(async (error: unknown) => {
      await close();
      throw error;
    });
    return { url, close };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** OpenMetrics text wants all samples of a series together and ascending. */
function openMetrics(series: readonly RecordedSeries[]): string {
  const metrics = [...new Set(series.map((s) => s.metric))];
  const escape = (value: string): string =>
    value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  const lines = metrics.flatMap((metric) => [
    `# TYPE ${metric} gauge`,
    ...series
      .filter((s) => s.metric === metric)
      .flatMap(({ labels, at, value = 1 }) => {
        const braces = Object.entries(labels)
          .map(([k, v]) => `${k}="${escape(v)}"`)
          .join(',');
        return at.map((ms) => `${metric}{${braces}} ${value} ${ms / 1000}`);
      }),
  ]);
  return `${lines.join('\n')}\n# EOF\n`;
}

async function untilReady(url: string, server: ChildProcess): Promise<void> {
  for (let tried = 0; tried < 300; tried++) {
    if (server.exitCode !== null) throw new Error(`prometheus ended with ${server.exitCode} at its start`);
    const ready = await fetch(`${url}/-/ready`).then(
      (r) => r.ok,
      () => false,
    );
    if (ready) return;
    await new Promise<void>((resolve) => {
      setTimeout(resolve, 50);
    });
  }
  throw new Error('prometheus was not ready within 15 s');
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return;
  const ended = new Promise<void>((resolve) => {
    server.once('exit', () => {
      resolve();
    });
  });
  server.kill('SIGTERM');
  await ended;
}
