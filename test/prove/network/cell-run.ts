import type { JsonObject } from '../../../src/sandbox/json-path.js';
import { newCourse, type Course } from '../kill/course.js';
import { pause, within } from '../kill/patience.js';
import { wasAlone } from '../kill/run-schedule.js';
import { heal, inflict, LINKS, nameOf, type Episode, type Plan } from './cells.js';
import type { NetworkWorld, Running } from './network-world.js';

/** What one episode came to. */
export interface EpisodeResult {
  readonly episode: Episode;
  /** Chunks and connections that the fault met. */
  readonly spoiled: number;
  /** How long the daemon took to end; absent = it was not asked to. */
  readonly endedAfterMs?: number;
  /** Answer of `/readyz` at the end of the fault. */
  readonly ready?: number | undefined;
  /** What the daemon logged meanwhile as a warning or an error. */
  readonly said: readonly string[];
}
/** An episode that waits for its moment. */
interface Armed {
  begun: boolean;
  /** Of its proxy, when it began. */
  spoiledBefore: number;
}
const LOOK_EVERY_MS = 200;
const LONGEST_RUN_MS = 240_000;
/** How long a fault lasts, from the first thing it spoils. */
const LASTS_MS = 1_500;
const GRACE_MS = 15_000;

/** Lets a world run under the episodes of a plan until it has come to its end. */
export class CellRun {
  readonly course: Course = newCourse();
  readonly results: EpisodeResult[] = [];
  readonly #giveUpAt = Date.now() + LONGEST_RUN_MS;
  #running!: Running;
  #over = false;
  #inTurn: Promise<unknown> = Promise.resolve();
  #waitsForPeople = false;
  /** Of the track that failed first: the others end, and start no daemon that nobody would stop. */
  #failure: Error | undefined;
  constructor(
    private readonly world: NetworkWorld,
    /** Laid over the configuration of its daemons. */
    private readonly over: JsonObject = {},
  ) {}

  /** Answers how many merges the operator has to have made. */
  async run(plan: Plan): Promise<0 | 1> {
    const { finished } = this.world.inner.sandbox.timeline;
    void finished.then(
      () => (this.#over = true),
      () => undefined,
    );
    await this.#start();
    await Promise.all(Object.values(plan).map((track) => this.#sufferAll(track)));
    if (this.#failure !== undefined) throw this.#failure;
    await this.#untilEnd();
    // What the proxy delivers from here on was asked for long ago.
    this.course.faults.push(...this.world.inner.intents.violations);
    await this.#letLateOnesArrive(plan);
    await this.#untilEnd();
    if (this.#waitsForPeople) await this.#veto();
    await this.#end('at the end');
    for (const { child, pulse } of this.world.runs) {
      await pulse.stop();
      this.course.faults.push(...pulse.faults);
      if (pulse.asked === 0 && !child.printed.includes('EADDRINUSE'))
        this.course.faults.push('/livez was never answered');
    }
    return this.#waitsForPeople ? 0 : 1;
  }

  async #start(): Promise<void> {
    this.#running = await this.world.startChild(this.over);
  }
  async #sufferAll(track: readonly Episode[]): Promise<void> {
    let armed: Armed | undefined;
    try {
      for (const [n, episode] of track.entries()) {
        // Healing disarms: what has not begun is armed anew.
        if (armed?.begun !== true) armed = this.#arm(episode);
        armed = await this.#suffer(episode, armed, track[n + 1]);
      }
    } catch (error) {
      this.#failure ??= error as Error;
    }
  }
  #arm({ link, fault, at }: Episode): Armed {
    const proxy = this.world.proxies[link];
    const armed: Armed = { begun: false, spoiledBefore: proxy.spoiled };
    proxy.when(
      (request) => at.test(request.toString('latin1')),
      () => {
        armed.begun = true;
        armed.spoiledBefore = proxy.spoiled;
        inflict(fault, proxy);
      },
    );
    return armed;
  }
  /** A fault that lets requests through may last until the moment of the next episode: that one goes on with it. */
  async #suffer(episode: Episode, armed: Armed, next: Episode | undefined): Promise<Armed | undefined> {
    const proxy = this.world.proxies[episode.link];
    const heardBefore = this.#running.child.printed.length;
    const begins = (): boolean => armed.begun && proxy.spoiled > armed.spoiledBefore;
    await this.#until(begins, `${nameOf(episode)} (${episode.ending}) met nothing`);
    this.course.injected += 1;
    const ends = episode.ending === 'term';
    const upcoming = ends || next === undefined ? undefined : this.#arm(next);
    if (!ends) await this.#watch(LASTS_MS, () => upcoming?.begun === true);
    const { child, pulse } = this.#running;
    const ready = await pulse.readiness();
    const endedAfterMs = ends ? await this.#restart(nameOf(episode), () => heal(episode.fault, proxy)) : undefined;
    const spoiled = (upcoming?.begun === true ? upcoming.spoiledBefore : proxy.spoiled) - armed.spoiledBefore;
    if (!ends && upcoming?.begun !== true) heal(episode.fault, proxy);
    this.results.push({
      episode,
      spoiled,
      ready,
      said: troublesIn(child.printed.slice(heardBefore)),
      ...(endedAfterMs === undefined ? {} : { endedAfterMs }),
    });
    return upcoming;
  }
  /** One at a time, and nobody takes the pause between two daemons for an end by itself. */
  #restart(when: string, meanwhile: () => void): Promise<number> {
    const restarted = this.#inTurn.then(async () => {
      const took = await this.#end(when);
      meanwhile();
      await this.#start();
      return took;
    });
    this.#inTurn = restarted;
    return restarted;
  }
  async #settled(): Promise<void> {
    for (let turn: Promise<unknown> | undefined; turn !== this.#inTurn; ) {
      turn = this.#inTurn;
      await turn;
    }
  }
  /** Asks the daemon to end: within the grace of a pod, whatever hangs, and without an error. */
  async #end(when: string): Promise<number> {
    const { child, pulse } = this.#running;
    await pulse.stop();
    // Before it has run its first line no process can hear anything.
    while (child.end === undefined && !child.hearsSigterm) await pause(20);
    const began = Date.now();
    child.signal('SIGTERM');
    await within(child.ended, GRACE_MS);
    const took = Date.now() - began;
    if (child.end === undefined) {
      this.course.faults.push(
        `${when}: SIGTERM was not obeyed within ${GRACE_MS / 1_000} s: ${child.printed.slice(-800)}`,
      );
      await child.kill();
    } else if (child.end.code !== 0 && !wasAlone(child)) {
      this.course.faults.push(`${when}: SIGTERM ended in ${JSON.stringify(child.end)}: ${child.printed.slice(-800)}`);
    }
    return took;
  }
  async #letLateOnesArrive(plan: Plan): Promise<void> {
    const late = LINKS.filter((link) => plan[link] !== undefined).map((link) => this.world.proxies[link].releaseLate());
    if (late.some((bytes) => bytes > 0)) await pause(500);
  }

  async #isMet(): Promise<boolean> {
    const { inner } = this.world;
    if (!this.#over) return false;
    this.#waitsForPeople = this.#isWaitingAloud();
    return this.#waitsForPeople || (await inner.sandbox.unmetExpectations()).length === 0;
  }
  /** Without Prometheus only people may merge: it says so where people look, and waits. */
  #isWaitingAloud(): boolean {
    const { attempts, sandbox } = this.world.inner;
    const waits = attempts.some((a) => a.step === 'waiting-for-human' && a.barredBy.includes('I5_stable_previous'));
    const notices = sandbox.journal.find({ server: 'notices', method: 'POST' }).map(({ body }) => JSON.stringify(body));
    return waits && notices.some((notice) => notice.includes('approval-needed'));
  }
  /** Nobody merges: the run has to end. */
  async #veto(): Promise<void> {
    const { inner } = this.world;
    await inner.sandbox.github.closePullRequest(1, 'maria');
    await this.#until(() => inner.attempts.every((a) => a.end !== undefined), 'the veto was not heard');
  }
  /** Until the end that the scenario expects has been so for its hold; starts again whoever ended by itself. */
  async #untilEnd(): Promise<void> {
    const { sandbox } = this.world.inner;
    const hold = sandbox.scenario.expect.hold / sandbox.speed;
    let metAt: number | undefined;
    await this.#until(async () => {
      metAt = (await this.#isMet()) ? (metAt ?? Date.now()) : undefined;
      return metAt !== undefined && Date.now() - metAt >= hold;
    }, 'not at its end');
  }
  async #watch(ms: number, isEnough: () => boolean): Promise<void> {
    const until = Date.now() + ms;
    await this.#until(() => isEnough() || Date.now() >= until, 'time stood still');
  }
  async #until(holds: () => boolean | Promise<boolean>, complaint: string): Promise<void> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      await this.#keepRunning();
      await this.world.inner.look(this.#running.child);
      if (await holds()) return;
      if (Date.now() > this.#giveUpAt) throw new Error(await this.#story(complaint));
      await pause(LOOK_EVERY_MS);
    }
  }
  async #keepRunning(): Promise<void> {
    await this.#settled();
    const { child, pulse } = this.#running;
    if (child.end === undefined) return;
    const again = this.#inTurn.then(async () => {
      if (this.#running.child !== child) return;
      await pulse.stop();
      // A port that was free a moment ago may be somebody else's by now.
      if (!wasAlone(child) && !child.printed.includes('EADDRINUSE'))
        throw new Error(`the daemon ended by itself: ${child.printed.slice(-3_000)}`);
      await this.#start();
    });
    this.#inTurn = again;
    await again;
  }
  async #story(complaint: string): Promise<string> {
    const { attempts, sandbox } = this.world.inner;
    const unmet = [...(this.#over ? [] : ['the timeline is not over']), ...(await sandbox.unmetExpectations())];
    const stood = attempts.map((a) => `${a.id} ${a.state}/${a.step ?? ''} ${JSON.stringify(a.end ?? a.barredBy)}`);
    return [`${complaint}:`, ...unmet, ...stood, this.#running.child.printed.slice(-4_000)].join('\n');
  }
}

/** Messages of warnings and errors, each once. */
function troublesIn(printed: string): readonly string[] {
  const troubles = new Set<string>();
  for (const line of printed.split('\n')) {
    const level = /"level":"(?:warn|error)"/.test(line);
    const words = /"msg":"([^"]*)"/.exec(line)?.[1];
    if (level && words !== undefined) troubles.add(words);
  }
  return [...troubles];
}
