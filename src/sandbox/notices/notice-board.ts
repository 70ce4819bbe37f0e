import type { Clock } from '../../base/clock.js';
import type { FaultPlan } from '../faults.js';
import { json } from '../http-message.js';
import { SandboxHttpServer } from '../http-server.js';
import type { Journal } from '../journal.js';

/** What the receiver stands on. */
export interface NoticeBoardOptions {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly faults: FaultPlan;
  readonly port?: number;
}

/** A team's chat, as far as the operator knows it: takes every notice by POST. The journal holds what came. */
export class NoticeBoard {
  private constructor(private readonly server: SandboxHttpServer) {}

  static async start(options: NoticeBoardOptions): Promise<NoticeBoard> {
    return new NoticeBoard(
      await SandboxHttpServer.start({
        ...options,
        name: 'notices',
        handle: ({ method, body }) => {
          if (method !== 'POST') return json(405, { error: 'notices are posted' });
          return body === undefined ? json(400, { error: 'the body is not JSON' }) : json(200, { ok: true });
        },
      }),
    );
  }
  get url(): string {
    return this.server.url;
  }
  close(): Promise<void> {
    return this.server.close();
  }
}
