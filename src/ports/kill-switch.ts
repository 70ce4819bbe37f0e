import type { Pause } from '../model/mark.js';

/** The local kill file: works with the store and the API down. */
export interface KillSwitch {
  /** The pause it stands for, while it is engaged. An unreadable switch counts as engaged. */
  engaged(): Pause | undefined;
}
