/** How NATS is reached. */
export interface NatsSettings {
  /** `nats://host:4222`, or `tls://host:4222`: one of these, and every connection must be encrypted. */
  readonly servers: readonly string[];
  /** Names the stream and the subjects, so that two operators may share a NATS. Lower case letters, digits and dashes. */
  readonly instance: string;
  /** Asked for again at every reconnect, so that a rotated credential is taken up. */
  readonly credential?:
    | { readonly kind: 'token'; readonly token: () => string }
    | { readonly kind: 'password'; readonly user: string; readonly password: () => string }
    /** Content of a `.creds` file: a user JWT and its seed. */
    | { readonly kind: 'credentials'; readonly content: () => string };
  /** Certificate of the authority that signed the server's; with it the connection is encrypted. */
  readonly caFile?: string;
}

/** Deadlines and intervals of the NATS bus, in milliseconds. */
export interface NatsTiming {
  /** Longest that a publish holds its caller. */
  readonly publishMs: number;
  /** After a publish that nobody answered, so long every publish fails at once: the path must not wait for a dead bus. */
  readonly quietMs: number;
  /** Of one connection attempt, and of one call to JetStream. */
  readonly callMs: number;
  /** Between two attempts to connect, or to consume again. */
  readonly retryMs: number;
  /** How often the server is asked whether a pull of ours still waits there; two times not in a row = dead. */
  readonly deadManMs: number;
  /** When a message that was neither acknowledged nor refused is delivered again. */
  readonly ackWaitMs: number;
  /** Pause before a message is delivered again whose handler failed. */
  readonly nakDelayMs: number;
  /** Cap of the drain at close. */
  readonly closeMs: number;
}
export const NATS_TIMING: NatsTiming = {
  publishMs: 2_000,
  quietMs: 5_000,
  callMs: 2_000,
  retryMs: 1_000,
  deadManMs: 5_000,
  ackWaitMs: 30_000,
  nakDelayMs: 5_000,
  closeMs: 2_000,
};
/** A message whose handler fails so often is given up: the store is the truth, and the sweep looks anyway. */
export const MOST_DELIVERIES = 5;
