import type { Clock } from '../../base/clock.js';
import type { OperatorError } from '../../base/errors.js';
import type { EtcdStoreSettings, NatsBusSettings, OperatorConfig } from '../../config/operator-config.js';
import { etcdSettings, natsSettings } from '../store-and-bus.js';
import type { Check, Findings } from './finding.js';
import { reachable } from './reachability.js';

const TIMEOUT_MS = 20_000;
/** A transition waits for one write; beyond this each step takes noticeably longer. */
const SLOW_WRITE_MS = 250;

/** Could the operator work with the etcd and the NATS of its configuration? It does not become the writer: that would end a running one. */
export function storeAndBusChecks({ store, bus, instance }: OperatorConfig, clock: Clock): readonly Check[] {
  return [
    ...(store.kind === 'etcd' ? [new EtcdCheck(store, instance, clock)] : []),
    ...(bus.kind === 'nats' ? [new NatsCheck(bus, instance)] : []),
  ];
}

/** Logs in to etcd, and writes and reads where the operator would. */
class EtcdCheck implements Check {
  readonly subject = 'store';
  readonly timeoutMs = TIMEOUT_MS;
  constructor(
    private readonly store: EtcdStoreSettings,
    private readonly instance: string,
    private readonly clock: Clock,
  ) {}

  async look(found: Findings, signal: AbortSignal): Promise<void> {
    const endpoints = await reachable(this.store.endpoints, 'store.endpoints', found, signal);
    if (endpoints.length === 0) return;
    const { probeEtcd } = await import('../../adapters/etcd/etcd-probe.js');
    const { prefix, writer, writeMs } = await probeEtcd(
      etcdSettings({ ...this.store, endpoints }, this.instance),
      this.clock,
    );
    const by = writer === undefined ? 'nobody is the writer at present' : `the writer is ${writer}`;
    found.ok(`etcd lets read and write below ${prefix}; ${by}`);
    if (writeMs > SLOW_WRITE_MS) {
      found.warning(
        `one write took ${Math.round(writeMs)} ms, and every step of an attempt waits for one`,
        'Give etcd a faster disk, or bring it nearer.',
      );
    }
  }
  mend({ code, message }: OperatorError): string {
    if (code === 'STORE_REFUSED') return refusalMend(message, this.instance);
    if (message.includes('NOSPACE'))
      return 'Compact and defragment etcd or raise --quota-backend-bytes, then `etcdctl alarm disarm`.';
    if (code === 'STORE_TLS') return 'Correct https in store.endpoints, store.caFile, certFile and keyFile.';
    return 'Correct store.endpoints, or bring etcd back: until then nothing is done.';
  }
}

function refusalMend(message: string, instance: string): string {
  if (message.includes('permission denied')) {
    const prefix = `/ai-operator/v1/${encodeURIComponent(instance)}/`;
    return `Grant the right: \`etcdctl role grant-permission ROLE --prefix=true readwrite ${prefix}\`.`;
  }
  if (message.includes('not enabled'))
    return 'Remove store.username and passwordFile, or `etcdctl auth enable` in etcd.';
  return 'Correct store.username and store.passwordFile.';
}

/** Logs in to NATS and looks for the stream; publishes nothing, because the running operator would hear it. */
class NatsCheck implements Check {
  readonly subject = 'bus';
  readonly timeoutMs = TIMEOUT_MS;
  constructor(
    private readonly bus: NatsBusSettings,
    private readonly instance: string,
  ) {}

  async look(found: Findings, signal: AbortSignal): Promise<void> {
    const servers = await reachable(this.bus.servers, 'bus.servers', found, signal);
    if (servers.length === 0) return;
    const { probeNats } = await import('../../adapters/nats/nats-probe.js');
    const { server, version, stream, events } = await probeNats(natsSettings({ ...this.bus, servers }, this.instance));
    const holds =
      events === undefined ? `the stream ${stream} will be made at the start` : `${stream} holds ${events} event(s)`;
    found.ok(`logged in to NATS ${version} at ${server}, JetStream answers; ${holds}`);
  }
  mend({ code, message }: OperatorError): string {
    if (/jetstream (?:not enabled|does not answer)/i.test(message))
      return 'Switch JetStream on for that server and account.';
    if (code === 'BUS_REFUSED') {
      return `Correct the credential of bus; its user needs to publish to \`ai-operator.${this.instance}.>\` and \`$JS.>\`, and to subscribe to \`_INBOX.>\`.`;
    }
    if (code === 'BUS_TLS') return 'Correct tls:// in bus.servers and bus.caFile.';
    if (code === 'BUS_CONFIG') return 'Delete that stream, or give this operator another `instance`.';
    return 'Correct bus.servers, or look at NATS; until then nobody hears of events, and nothing else changes.';
  }
}
