import { fork, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { listBodies } from './payload.js';

const IS_CHILD = process.argv[2] === 'serve-lists';

/** An Argo CD that answers lists, in a process of its own so that its work is not ours. */
export class ListServer {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}
  static async start(): Promise<ListServer> {
    const child = fork(fileURLToPath(import.meta.url), ['serve-lists']);
    const url = await new Promise<string>((resolve, reject) => {
      child.once('message', (message) => resolve(message as string));
      child.once('exit', (code) => reject(new Error(`the list server ended with ${code}`)));
    });
    return new ListServer(child, url);
  }
  stop(): void {
    this.child.kill();
  }
}

if (IS_CHILD) {
  const bodies = listBodies();
  const asked = new Map<string, number>();
  const server = createServer((request, response) => {
    const name = request.url?.split('/')[1] ?? '';
    const variants = bodies.get(name) ?? [];
    const times = asked.get(name) ?? 0;
    asked.set(name, times + 1);
    // The same for ours and for the bare thing, then the next.
    const body = variants[Math.floor(times / 2) % variants.length] ?? Buffer.from('{"items":[]}');
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
  });
  server.listen(0, '127.0.0.1', () => process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  process.once('disconnect', () => process.exit(0));
}
