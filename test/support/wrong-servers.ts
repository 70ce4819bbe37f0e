import { createServer as createWeb } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Something that is neither etcd nor NATS, on a port of its own. */
export interface WrongServer {
  readonly port: number;
  close(): Promise<void>;
}

const KINDS = {
  'a web server': () => createWeb((_request, response) => response.end('hello')),
  'a server of another protocol': () => createServer((socket) => socket.end("-ERR unknown command 'GET'\r\n")),
  'a server that says nothing': () => createServer(() => {}),
} satisfies Readonly<Record<string, () => Server>>;
export type WrongKind = keyof typeof KINDS;
export const WRONG_KINDS = Object.keys(KINDS) as readonly WrongKind[];

export async function startWrongServer(kind: WrongKind): Promise<WrongServer> {
  const server: Server = KINDS[kind]();
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket)));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
