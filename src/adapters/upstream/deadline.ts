import { setMaxListeners } from 'node:events';

/**
 * Runs `act` under a signal that aborts with `signal`, or after `ms`, and is done with it then even if `act` does not
 * obey: undici waits for a silent proxy, and the Kubernetes client for a credential program, whatever the signal says.
 * The platform's `AbortSignal.any` and `timeout` are not used together: a timeout that nothing else holds is collected as
 * garbage and never fires (nodejs/node#57736).
 */
export async function withDeadline<T>(
  signal: AbortSignal,
  ms: number,
  act: (deadline: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const disobeyed = new Promise<never>((_resolve, reject) => {
    // Whoever obeys has had its say by then, in better words.
    const giveUp = (): unknown => setImmediate(() => reject(controller.signal.reason as Error));
    controller.signal.addEventListener('abort', giveUp, { once: true });
  });
  const passOn = (): void => controller.abort(signal.reason);
  const timer = setTimeout(() => {
    controller.abort(new DOMException(`no answer within ${ms} ms`, 'TimeoutError'));
  }, ms);
  if (signal.aborted) passOn();
  else {
    // One signal stops every call of a whole fleet. More than ten at once are no leak: each takes its listener with it.
    setMaxListeners(0, signal);
    signal.addEventListener('abort', passOn, { once: true });
  }
  try {
    return await Promise.race([act(controller.signal), disobeyed]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', passOn);
  }
}
