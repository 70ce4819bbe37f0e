import type { AttemptView } from '../../../src/model/attempt-view.js';
import { newCourse, type Course } from './course.js';
import { inflict } from './injuries.js';
import type { KillWorld } from './kill-world.js';
import type { OperatorChild } from './operator-child.js';
import { pause, within } from './patience.js';
import type { Injury } from './schedule.js';
import { standStill } from './stand-still.js';

const LOOK_EVERY_MS = 150;
const LISTEN_EVERY_MS = 20;
/** Longer than any run takes that comes to its end: how long it really took is for the judge. */
const LONGEST_QUIET_MS = 90_000;
/** An attempt that has ended otherwise than it should does not end anew. */
const DEAD_END_MS = 15_000;
const DUTIES_MS = 10_000;
export const GRACE_MS = 15_000;

/** Lets a world run under its injuries, each after the one before, until it has come to its expected end. */
export class ScheduleRun {
  readonly course: Course = newCourse();
  child!: OperatorChild;
  #endedSince: number | undefined;
  #metSince: number | undefined;
  constructor(
    readonly world: KillWorld,
    private readonly patienceMs = LONGEST_QUIET_MS,
  ) {}

  async run(): Promise<Course> {
    const { injuries } = this.world.schedule;
    const [first] = injuries;
    if (first?.kind === 'stand-still') await standStill(this, first);
    else {
      await this.startAgain(0, first);
      for (const [n, injury] of injuries.entries()) await inflict(this, injury, injuries[n + 1]);
    }
    await this.untilMet();
    await this.endGracefully();
    return this.course;
  }
  /** After `downMs` a daemon runs again, armed for `next` if that is a failpoint. */
  async startAgain(downMs: number, next: Injury | undefined): Promise<void> {
    await pause(downMs);
    const failpoint = next?.kind === 'failpoint' ? `${next.place}@${next.where}:${next.nth}:kill` : undefined;
    this.child = await this.world.startChild(failpoint === undefined ? {} : { failpoint });
    this.course.lastInjuryAt = Date.now();
  }
  injured(): void {
    this.course.injected += 1;
    this.course.lastInjuryAt = Date.now();
  }
  /** Within the grace of a pod, whatever hangs, and without an error. */
  async endGracefully(): Promise<void> {
    const { child } = this;
    // Before it has run its first line no process can hear anything.
    while (child.end === undefined && !child.hearsSigterm && Date.now() - child.startedAt < 2 * GRACE_MS)
      await pause(LISTEN_EVERY_MS);
    const began = Date.now();
    child.signal('SIGTERM');
    await within(child.ended, 2 * GRACE_MS);
    this.course.graceful.push(Date.now() - began);
    if (child.end === undefined) await child.kill();
    else if (child.end.code !== 0 && !wasAlone(child))
      this.course.faults.push(`L5: SIGTERM ended in ${JSON.stringify(child.end)} after ${Date.now() - began} ms`);
  }
  /**
   * Everything has happened, the present daemon has looked, every attempt is over with all its duties, and it is as the
   * scenario expects. The dear question comes last.
   */
  async isMet(): Promise<boolean> {
    await this.world.look(this.child);
    const { attempts, sandbox, plot, hasSeenAttempts, isTimelineOver } = this.world;
    const served = this.child.startMs !== undefined || this.child.end !== undefined;
    const settled = attempts.every(isDone) && (plot.forgets ? hasSeenAttempts : attempts.length > 0);
    const ended = served && isTimelineOver && settled;
    this.#endedSince = ended ? (this.#endedSince ?? Date.now()) : undefined;
    const isMet = ended && (await sandbox.unmetExpectations()).length === 0;
    this.#metSince = isMet ? (this.#metSince ?? Date.now()) : undefined;
    return isMet;
  }
  /** It is as expected, and all duties after the end have had their time: what has not happened by now will not. */
  async isOver(): Promise<boolean> {
    return (await this.isMet()) && Date.now() - (this.#metSince ?? Date.now()) > DUTIES_MS;
  }
  /** Until the end that the scenario expects has been so for its hold; starts again whoever ended by itself. */
  async untilMet(): Promise<void> {
    const { sandbox } = this.world;
    const hold = sandbox.scenario.expect.hold / sandbox.speed;
    for (; ; await pause(LOOK_EVERY_MS)) {
      if (this.child.end !== undefined) {
        if (!wasAlone(this.child)) throw new Error(`the daemon ended by itself: ${this.child.printed.slice(-3_000)}`);
        await this.startAgain(0, undefined);
      }
      const metAt = (await this.isMet()) ? this.#metSince : undefined;
      if (metAt !== undefined && Date.now() - metAt >= hold) {
        this.course.metAt = metAt;
        return;
      }
      const deadEnd = metAt === undefined && Date.now() - (this.#endedSince ?? Date.now()) > DEAD_END_MS;
      if (deadEnd || this.#isTooLate) throw new Error(await this.#complaint());
    }
  }
  /** Looks at the attempts until `ms` have passed. */
  async wait(ms: number): Promise<void> {
    const until = Date.now() + ms;
    while (Date.now() < until) await this.world.look(this.child).then(() => pause(LOOK_EVERY_MS));
  }
  /** Asks the first question often and the second, dear one, now and then. */
  async until(first: () => boolean, second: () => boolean | Promise<boolean>): Promise<'first' | 'second'> {
    for (let askedAt = 0; !this.#isTooLate; await pause(LISTEN_EVERY_MS)) {
      if (first()) return 'first';
      if (Date.now() - askedAt < LOOK_EVERY_MS) continue;
      askedAt = Date.now();
      if (await second()) return first() ? 'first' : 'second';
    }
    throw new Error(await this.#complaint());
  }

  get #isTooLate(): boolean {
    return Date.now() - this.course.lastInjuryAt > this.patienceMs;
  }
  async #complaint(): Promise<string> {
    const unmet = [
      ...(this.world.isTimelineOver ? [] : ['the timeline is not over']),
      ...(await this.world.sandbox.unmetExpectations()),
    ];
    const attempts = this.world.attempts.map(
      (a) => `${a.id} ${a.state}/${a.step ?? ''} ${JSON.stringify(a.end ?? '')}`,
    );
    return ['L1: not at its end:', ...unmet, ...attempts, this.child.printed.slice(-4_000)].join('\n');
  }
}

/** Over, with every duty done but the one that waits for people. */
const isDone = ({ end, owed }: AttemptView): boolean =>
  end !== undefined && owed.every((duty) => duty === 'watch-open-pr');
/** It had ended by itself, since etcd had been away for too long; a supervisor would have started it again. */
export const wasAlone = (child: OperatorChild): boolean =>
  child.printed.includes('no longer the writer of the state store');
