import { readdir } from 'node:fs/promises';
import { getActiveResourcesInfo } from 'node:process';
import { collectGarbage, turn } from './measure.js';

/** What stays open from one moment to the next. */
export interface OpenThings {
  /** File descriptors, sockets and timers of the process. */
  readonly handles: number;
  /** Sleepers of the clock, and listeners for an abort. */
  readonly waits: number;
}
let listeners = 0;
/** Counts listeners for an abort from here on, in the whole process. */
export function countAbortListeners(): void {
  const { addEventListener, removeEventListener } = EventTarget.prototype;
  EventTarget.prototype.addEventListener = function add(this: EventTarget, type: string, ...rest): void {
    if (type === 'abort') listeners += 1;
    addEventListener.call(this, type, ...rest);
  };
  EventTarget.prototype.removeEventListener = function remove(this: EventTarget, type: string, ...rest): void {
    if (type === 'abort') listeners -= 1;
    removeEventListener.call(this, type, ...rest);
  };
}
/** What is open now, where `clock` is the one the operator waits by. */
export async function openThings(clock: { readonly sleeping: number }): Promise<OpenThings> {
  // A step that is under way at this moment is not what stays open.
  for (let i = 0; i < 50; i++) await turn();
  const descriptors = await readdir('/proc/self/fd');
  return { handles: descriptors.length + getActiveResourcesInfo().length, waits: clock.sleeping + listeners };
}
/** The bytes of heap that `letGo` sets free. */
export async function holdsOf(letGo: () => Promise<void>): Promise<number> {
  const before = await heapUsed();
  await letGo();
  return before - (await heapUsed());
}
/** After everything that can go has gone. */
export async function heapUsed(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    collectGarbage();
    await turn();
  }
  return process.memoryUsage().heapUsed;
}
