import path from 'node:path';
import { freePort } from './free-port.js';
import { hasProgram, ServerProcess } from './server-process.js';

/** A single-node etcd. */
export interface RealEtcd {
  readonly url: string;
  readonly port: number;
  readonly server: ServerProcess;
}
export interface EtcdTls {
  readonly certFile: string;
  readonly keyFile: string;
  /** With it, clients have to show a certificate that this authority signed. */
  readonly clientCaFile?: string;
}

/** True when there is one. Says aloud when not; on CI (`CI=true`) that is a failure. */
export const hasEtcd = (): boolean => hasProgram('etcd', 'etcd-server');

/** Starts etcd on free ports over an empty folder, or over `dataFolder`. `quotaBytes` = how much it may hold before it says NOSPACE. */
export async function startEtcd({
  quotaBytes,
  tls,
  dataFolder,
}: {
  readonly quotaBytes?: number;
  readonly tls?: EtcdTls;
  readonly dataFolder?: string;
} = {}): Promise<RealEtcd> {
  const [port, peerPort] = [await freePort(), await freePort()];
  const url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  const metrics = await freePort();
  const args = (folder: string): readonly string[] => [
    `--data-dir=${dataFolder ?? path.join(folder, 'data')}`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    `--listen-metrics-urls=http://127.0.0.1:${metrics}`,
    '--logger=zap',
    '--log-level=fatal',
    '--heartbeat-interval=50',
    '--election-timeout=500',
    ...(quotaBytes === undefined ? [] : ['--quota-backend-bytes', String(quotaBytes)]),
    ...(tls === undefined ? [] : ['--cert-file', tls.certFile, '--key-file', tls.keyFile]),
    ...(tls?.clientCaFile === undefined ? [] : ['--client-cert-auth', '--trusted-ca-file', tls.clientCaFile]),
  ];
  const hasLeader = async (): Promise<boolean> => {
    const text = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
    return /^etcd_server_has_leader 1$/m.test(text);
  };
  return { url, port, server: await ServerProcess.start('etcd', args, hasLeader) };
}
