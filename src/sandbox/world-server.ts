import type { Clock } from '../base/clock.js';
import type { FaultPlan } from './faults.js';
import type { Reply, SandboxRequest } from './http-message.js';
import { SandboxHttpServer } from './http-server.js';
import type { Journal, SandboxServerName } from './journal.js';
import type { World } from './world.js';

/** What a server over a world stands on. */
export interface WorldServerOptions {
  readonly world: World;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly faults: FaultPlan;
  /** 0 or absent = any free one. */
  readonly port?: number;
}

/** One vendor's API over a world, on 127.0.0.1. */
export abstract class WorldServer {
  #server: SandboxHttpServer | undefined;

  /** `http://127.0.0.1:<port>` once it listens. */
  get url(): string {
    return this.#server?.url ?? '';
  }
  /** Safe to repeat. */
  async close(): Promise<void> {
    await this.#server?.close();
  }
  protected async listen(name: SandboxServerName, options: WorldServerOptions): Promise<this> {
    const { clock, journal, faults, port = 0 } = options;
    const handle = (request: SandboxRequest): Reply | Promise<Reply> => this.handle(request);
    this.#server = await SandboxHttpServer.start({ name, clock, journal, faults, port, handle });
    return this;
  }
  /** Throws RefusalError to refuse. */
  protected abstract handle(request: SandboxRequest): Reply | Promise<Reply>;
}
