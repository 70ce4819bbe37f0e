/** How etcd is reached. Files are read again for every new client, so that a rotated credential is taken up. */
export interface EtcdSettings {
  /** `https://host:2379`; all with TLS or all without. */
  readonly endpoints: readonly string[];
  /** Keys live below `/ai-operator/v1/<instance>/`, so that two operators may share an etcd. */
  readonly instance: string;
  /** Password authentication of etcd. The password is asked for with every new client. */
  readonly user?: { readonly name: () => string; readonly password: () => string };
  /** Certificate of the authority that signed the server's; absent = the public ones. */
  readonly caFile?: string;
  /** Client certificate; both or none. */
  readonly certFile?: string;
  readonly keyFile?: string;
}

/** Deadlines and intervals of the etcd store, in milliseconds unless the name says otherwise. */
export interface EtcdTiming {
  /** Of one call. */
  readonly callTimeoutMs: number;
  /** Pauses between the tries of a call whose answer is unknown; their number plus one is the number of tries. */
  readonly pausesMs: readonly number[];
  /** Life of `leader` on the server after the last renewal (semantics 11). */
  readonly leaseSeconds: number;
  /** How often the lease is renewed and the leader read. */
  readonly renewMs: number;
  /** Without a renewal for so long, by the monotonic clock, the writer demotes itself: well before the lease runs out. */
  readonly demoteMs: number;
  /** How often a waiting take-over looks whether another instance's lease has run out. */
  readonly waitMs: number;
  /** Cap of everything `disconnect` waits for. */
  readonly disconnectMs: number;
}
export const ETCD_TIMING: EtcdTiming = {
  callTimeoutMs: 2_000,
  pausesMs: [50, 300],
  leaseSeconds: 15,
  renewMs: 3_000,
  demoteMs: 10_000,
  waitMs: 1_000,
  disconnectMs: 2_000,
};
