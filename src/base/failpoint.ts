/** The kinds of places at which a test may end or stop the process; a failpoint also says in which step or effect. */
export type FailpointPlace =
  /** A transition is in the audit log, and not stored. Where: the state and step it leads to. */
  | 'audited'
  /** A transition is stored, and nobody was told. Where: the same. */
  | 'stored'
  /** Nothing has been asked of the outside. Where: the name of the effect. */
  | 'before-act'
  /** The branch is there, its pull request is not. Where: `pull-request`. */
  | 'branch-made'
  /** It was asked for, and nobody has looked. Where: the name of the effect. */
  | 'acted'
  /** It was seen, and its outcome is not in the audit log. Where: the name of the effect. */
  | 'before-outcome'
  /** A duty after the end is done, and not stored. Where: the duty. */
  | 'aftercare-served'
  /** A duty after the end is stored as done. Where: the duty. */
  | 'aftercare-stored';

interface Failpoint {
  /** `<place>@<where>`. */
  readonly name: string;
  readonly mode: 'SIGKILL' | 'SIGSTOP';
  /** How often it is still passed before it strikes. */
  left: number;
}

/** `<place>@<where>:<nth pass>:<kill|stop>`; anything else, and any environment but a test's, is no failpoint. */
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
export function passFailpoint(place: FailpointPlace, where: string): void {
  if (failpoint === undefined || failpoint.name !== `${place}@${where}`) return;
  failpoint.left -= 1;
  if (failpoint.left === 0) process.kill(process.pid, failpoint.mode);
}
