import { connect as connectSocket } from 'node:net';
import { freePort } from './free-port.js';
import { hasProgram, ServerProcess } from './server-process.js';

/** A nats-server with JetStream. */
export interface RealNats {
  readonly url: string;
  readonly port: number;
  readonly server: ServerProcess;
}

/** True when there is one. Says aloud when not; on CI (`CI=true`) that is a failure. */
export const hasNats = (): boolean => hasProgram('nats-server', 'nats-server');

/** Starts nats-server with JetStream on a free port over an empty folder; with `token`, clients have to name it. */
export async function startNats({
  token,
  args: more = [],
}: {
  readonly token?: string;
  readonly args?: readonly string[];
} = {}): Promise<RealNats> {
  const port = await freePort();
  const args = (folder: string): readonly string[] => [
    '--jetstream',
    '--store_dir',
    folder,
    '--addr',
    '127.0.0.1',
    '--port',
    String(port),
    ...(token === undefined ? [] : ['--auth', token]),
    ...more,
  ];
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    server: await ServerProcess.start('nats-server', args, () => greets(port)),
  };
}

/** A nats-server that only passes messages on. */
export async function startNatsWithoutJetStream(): Promise<RealNats> {
  const port = await freePort();
  const args = (): readonly string[] => ['--addr', '127.0.0.1', '--port', String(port)];
  const server = await ServerProcess.start('nats-server', args, () => greets(port));
  return { url: `nats://127.0.0.1:${port}`, port, server };
}

/** The server says INFO as soon as a client connects. */
const greets = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connectSocket(port, '127.0.0.1');
    const end = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('data', end(true));
    socket.once('error', end(false));
    socket.setTimeout(1_000, end(false));
  });
