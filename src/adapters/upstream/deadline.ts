/**
 * Runs `act` under a signal that aborts with `signal`, or after `ms`. The platform's `AbortSignal.any` and `timeout` are
 * not used together: a timeout that nothing else holds is collected as garbage and never fires (nodejs/node#57736), and a
 * call to an upstream that stopped answering then lasts for ever.
 */
export async function withDeadline<T>(
  signal: AbortSignal,
  ms: number,
  act: (deadline: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const passOn = (): void => controller.abort(signal.reason);
  const timer = setTimeout(() => {
    controller.abort(new DOMException(`no answer within ${ms} ms`, 'TimeoutError'));
  }, ms);
  if (signal.aborted) passOn();
  else signal.addEventListener('abort', passOn, { once: true });
  try {
    return await act(controller.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', passOn);
  }
}
