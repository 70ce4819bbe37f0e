import { readFileSync, statSync } from 'node:fs';
import type { Pause } from '../../model/mark.js';
import type { KillSwitch } from '../../ports/kill-switch.js';
import { codeOf } from './audit-trouble.js';

const READ_AGAIN_MS = 500;
const MAX_REASON_LENGTH = 200;

/** The kill file (semantics 10): while it exists nothing opens. Its first line is the reason. A path that cannot be looked at counts as engaged. */
export class KillFile implements KillSwitch {
  #lookedAt = Number.NEGATIVE_INFINITY;
  #engaged: Pause | undefined;
  constructor(
    private readonly path: string,
    private readonly now: () => number = Date.now,
  ) {}

  engaged(): Pause | undefined {
    if (this.now() - this.#lookedAt >= READ_AGAIN_MS || this.now() < this.#lookedAt) {
      this.#engaged = this.#look();
      this.#lookedAt = this.now();
    }
    return this.#engaged;
  }
  #look(): Pause | undefined {
    const pause = (why: string): Pause => ({
      scope: 'operator',
      kill: true,
      by: `kill file ${this.path}`,
      why,
      at: this.now(),
    });
    try {
      statSync(this.path);
    } catch (error) {
      return codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR'
        ? undefined
        : pause(`it cannot be looked at (${codeOf(error) ?? String(error)})`);
    }
    try {
      return pause(readFileSync(this.path, 'utf8').split('\n')[0]?.slice(0, MAX_REASON_LENGTH).trim() || 'it exists');
    } catch {
      return pause('it exists');
    }
  }
}
