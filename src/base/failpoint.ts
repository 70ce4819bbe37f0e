/** The places of a step at which a test may end or stop the process. */
export type FailpointName = 'audited' | 'stored' | 'before-act' | 'acted' | 'before-outcome' | 'aftercare-served';

interface Failpoint {
  readonly name: string;
  readonly mode: 'SIGKILL' | 'SIGSTOP';
  /** How often it is still passed before it strikes. */
  left: number;
}

/** `<name>:<nth pass>:<kill|stop>`; anything else, and any environment but a test's, is no failpoint. */
function armed({ NODE_ENV, AI_OPERATOR_FAILPOINT }: NodeJS.ProcessEnv): Failpoint | undefined {
  if (NODE_ENV !== 'test' || AI_OPERATOR_FAILPOINT === undefined) return undefined;
  const [name = '', nth = '1', mode = 'kill'] = AI_OPERATOR_FAILPOINT.split(':');
  return { name, mode: mode === 'stop' ? 'SIGSTOP' : 'SIGKILL', left: Number(nth) };
}
const failpoint = armed(process.env);

/**
 * Does nothing, unless a test has named this place when it started the process: then the process dies there without
 * a goodbye, or stands still there until it is told to go on.
 */
export function passFailpoint(name: FailpointName): void {
  if (failpoint === undefined || failpoint.name !== name) return;
  failpoint.left -= 1;
  if (failpoint.left === 0) process.kill(process.pid, failpoint.mode);
}
