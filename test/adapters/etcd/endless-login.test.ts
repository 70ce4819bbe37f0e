import { createRequire } from 'node:module';
import { expect } from 'chai';
import { EtcdConnection } from '../../../src/adapters/etcd/etcd-connection.js';
import { failureOf } from '../../support/failure.js';

const CALL_MS = 300;

/** As much of the library's own gRPC as a server of two methods takes. */
interface Grpc {
  readonly status: { readonly UNAUTHENTICATED: number };
  readonly ServerCredentials: { createInsecure(): unknown };
  readonly Server: new () => {
    addService(service: unknown, methods: Readonly<Record<string, (call: unknown, answer: Answer) => void>>): void;
    bindAsync(address: string, credentials: unknown, done: (error: Error | null, port: number) => void): void;
    forceShutdown(): void;
  };
  loadPackageDefinition(definition: unknown): {
    readonly etcdserverpb: Readonly<Record<'Auth' | 'KV', { readonly service: unknown }>>;
  };
}
type Answer = (error: Error | null, value?: object) => void;

describe('an etcd that hands out tokens and accepts none of them', () => {
  it('does not hold a call for longer than its deadlines', async () => {
    const load = createRequire(createRequire(import.meta.url).resolve('etcd3'));
    const grpc = load('@grpc/grpc-js') as Grpc;
    const { loadSync } = load('@grpc/proto-loader') as { loadSync(file: string, options: object): unknown };
    const definition = loadSync(load.resolve('etcd3/proto/rpc.proto'), { keepCase: true, longs: String });
    const { Auth, KV } = grpc.loadPackageDefinition(definition).etcdserverpb;
    const server = new grpc.Server();
    let logins = 0;
    server.addService(Auth.service, { authenticate: (_call, answer) => answer(null, { token: `t${logins++}` }) });
    const refusal = Object.assign(new Error(), {
      code: grpc.status.UNAUTHENTICATED,
      details: 'etcdserver: invalid auth token',
    });
    server.addService(KV.service, { range: (_call, answer) => answer(refusal) });
    const port = await new Promise<number>((resolve, reject) => {
      const done = (error: Error | null, bound: number): void => (error === null ? resolve(bound) : reject(error));
      server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), done);
    });
    const user = { name: () => 'operator', password: () => 'secret' };
    const settings = { endpoints: [`http://127.0.0.1:${port}`], instance: 'here', user };
    const connection = new EtcdConnection(settings, { callTimeoutMs: CALL_MS });
    const began = Date.now();
    const failure = await failureOf(connection.get('key'));
    const took = Date.now() - began;
    connection.close();
    server.forceShutdown();
    expect(failure).to.equal('STORE_UNAVAILABLE unknown');
    expect(logins, 'the library tries again and again').to.be.greaterThan(1);
    expect(took).to.be.lessThan(10 * CALL_MS);
  });
});
