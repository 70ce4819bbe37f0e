import { TcpProxy } from '../../support/tcp-proxy.js';
import type { KillWorld } from './kill-world.js';
import type { OperatorChild } from './operator-child.js';
import type { Injury } from './schedule.js';

/** What a run went through; the judge reads it. */
export interface Course {
  /** Places of the code at which a daemon died or stood still. */
  readonly reached: string[];
  injected: number;
  readonly faults: string[];
}
const LOOK_EVERY_MS = 50;
const LONGEST_RUN_MS = 90_000;
/** The lease of the writer is 15 s. */
const TWICE_THE_LEASE_MS = 30_000;
const GRACE_MS = 15_000;

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/** Lets a world run under its injuries, each after the one before, until it has come to its expected end. */
export class ScheduleRun {
  readonly course: Course = { reached: [], injected: 0, faults: [] };
  readonly #giveUpAt = Date.now() + LONGEST_RUN_MS;
  #child!: OperatorChild;
  #over = false;
  constructor(private readonly world: KillWorld) {}

  async run(): Promise<Course> {
    const { injuries } = this.world.schedule;
    const { finished } = this.world.sandbox.timeline;
    void finished.then(
      () => (this.#over = true),
      () => undefined,
    );
    const [first] = injuries;
    if (first?.kind === 'stand-still') await this.#standStill(first);
    else {
      await this.#start(first);
      for (const [n, injury] of injuries.entries()) await this.#inflict(injury, injuries[n + 1]);
    }
    await this.#untilMet();
    await this.#endGracefully();
    return this.course;
  }

  async #start(next?: Injury): Promise<void> {
    const failpoint = next?.kind === 'failpoint' ? `${next.name}:${next.nth}:kill` : undefined;
    this.#child = await this.world.startChild(failpoint === undefined ? {} : { failpoint });
  }
  async #inflict(injury: Injury, next: Injury | undefined): Promise<void> {
    switch (injury.kind) {
      case 'stand-still':
        throw new Error('a stand-still is a schedule of its own');
      case 'failpoint': {
        const died = await this.#until(
          () => this.#child.end !== undefined,
          () => this.#isMet(),
        );
        if (died === 'first') this.course.reached.push(`${injury.name}:${injury.nth}`);
        else await this.#child.kill();
        break;
      }
      case 'kill':
        await this.#wait(injury.afterMs);
        await this.#child.kill();
        break;
      case 'term':
        await this.#term(injury);
        break;
      case 'etcd':
      case 'nats': {
        await this.#wait(injury.afterMs);
        const { server } = this.world.lane[injury.kind];
        await server.kill();
        await pause(injury.downMs);
        await server.start();
        this.course.injected += 1;
        // A failpoint has to be armed at the start of a process.
        if (next?.kind !== 'failpoint') return;
        await this.#child.kill();
        break;
      }
    }
    this.course.injected += 1;
    if (injury.kind !== 'etcd' && injury.kind !== 'nats') await pause(injury.downMs);
    await this.#start(next);
  }
  async #term({ afterMs, hanging }: Extract<Injury, { kind: 'term' }>): Promise<void> {
    const { faults } = this.world.sandbox;
    if (hanging === undefined) await this.#wait(afterMs);
    else {
      const [method, path] = hanging === 'pull' ? ['POST', /\/pulls$/] : ['PUT', /\/merge$/];
      faults.add({ server: 'github', method, path, fault: { kind: 'hang' } });
      await this.#until(
        () => faults.pending.length === 0,
        () => this.#isMet(),
      );
      await pause(100);
    }
    await this.#endGracefully();
    faults.clear();
  }
  /** Within the grace of a pod, whatever hangs, and without an error. */
  async #endGracefully(): Promise<void> {
    const child = this.#child;
    // Before it has run its first line no process can hear anything.
    while (child.end === undefined && Date.now() - child.startedAt < 2_000 && !child.printed.includes('"msg"'))
      await pause(20);
    const began = Date.now();
    child.signal('SIGTERM');
    await Promise.race([child.ended, pause(GRACE_MS)]);
    if (child.end === undefined) {
      this.course.faults.push(`SIGTERM was not obeyed within ${GRACE_MS / 1_000} s`);
      await child.kill();
    } else if (child.end.code !== 0 && !this.#wasAlone(child)) {
      this.course.faults.push(`SIGTERM ended in ${JSON.stringify(child.end)} after ${Date.now() - began} ms`);
    }
  }
  /** It had ended by itself, since etcd had been away for too long; a supervisor would have started it again. */
  #wasAlone = (child: OperatorChild): boolean => child.printed.includes('no longer the writer of the state store');

  /** The first writer stops at a place of the code, a second daemon takes over, and the first one wakes up much later. */
  async #standStill({ name, nth }: Extract<Injury, { kind: 'stand-still' }>): Promise<void> {
    const { sandbox } = this.world;
    const asked: string[] = [];
    const proxy = await TcpProxy.start(Number(new URL(sandbox.urls.github).port));
    proxy.holdFrom((bytes) => {
      const [line = ''] = bytes.toString('latin1', 0, 200).split('\r\n');
      if (/^(?:POST|PUT|PATCH|DELETE) /.test(line)) asked.push(line);
      return false;
    });
    try {
      const failpoint = `${name}:${nth}:stop`;
      const first = await this.world.startChild({ failpoint, githubUrl: `http://127.0.0.1:${proxy.port}` });
      this.#child = first;
      await this.#until(
        () => first.isStopped,
        () => first.end !== undefined,
      );
      if (!first.isStopped) throw new Error(`it never stood still: ${first.printed.slice(-2_000)}`);
      const wakeAt = Date.now() + TWICE_THE_LEASE_MS;
      this.course.injected += 1;
      this.course.reached.push(`${name}:${nth}`);
      await this.#start();
      await this.#untilMet();
      await pause(Math.max(0, wakeAt - Date.now()));
      const before = asked.length;
      first.signal('SIGCONT');
      await Promise.race([first.ended, pause(10_000)]);
      if (first.end === undefined) this.course.faults.push('the one that lost its lease went on running');
      if (asked.length > before)
        this.course.faults.push(`the one that lost its lease asked for ${asked.slice(before).join('; ')}`);
    } finally {
      await proxy.close();
    }
  }

  async #isMet(): Promise<boolean> {
    await this.world.look(this.#child);
    return this.#over && (await this.world.sandbox.unmetExpectations()).length === 0;
  }
  /** Until the end that the scenario expects has been so for its hold; starts again whoever ended by itself. */
  async #untilMet(): Promise<void> {
    const { sandbox } = this.world;
    const hold = sandbox.scenario.expect.hold / sandbox.speed;
    for (let metAt: number | undefined; ; await pause(LOOK_EVERY_MS)) {
      if (this.#child.end !== undefined) {
        if (!this.#wasAlone(this.#child))
          throw new Error(`the daemon ended by itself: ${this.#child.printed.slice(-3_000)}`);
        await this.#start();
      }
      metAt = (await this.#isMet()) ? (metAt ?? Date.now()) : undefined;
      if (metAt !== undefined && Date.now() - metAt >= hold) return;
      if (Date.now() > this.#giveUpAt) throw new Error(await this.#complaint());
    }
  }
  async #complaint(): Promise<string> {
    const unmet = [
      ...(this.#over ? [] : ['the timeline is not over']),
      ...(await this.world.sandbox.unmetExpectations()),
    ];
    const attempts = this.world.attempts.map(
      (a) => `${a.id} ${a.state}/${a.step ?? ''} ${JSON.stringify(a.end ?? '')}`,
    );
    return ['not at its end:', ...unmet, ...attempts, this.#child.printed.slice(-4_000)].join('\n');
  }
  async #wait(ms: number): Promise<void> {
    const until = Date.now() + ms;
    while (Date.now() < until) await this.world.look(this.#child).then(() => pause(LOOK_EVERY_MS));
  }
  async #until(first: () => boolean, second: () => boolean | Promise<boolean>): Promise<'first' | 'second'> {
    while (Date.now() < this.#giveUpAt) {
      if (first()) return 'first';
      if (await second()) return first() ? 'first' : 'second';
      await pause(LOOK_EVERY_MS / 5);
    }
    throw new Error(await this.#complaint());
  }
}
