import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { FanOutNotifier } from '../../../src/adapters/notify/fan-out-notifier.js';
import { LogNotifier } from '../../../src/adapters/notify/log-notifier.js';
import { WebhookNotifier } from '../../../src/adapters/notify/webhook-notifier.js';
import { OperatorError } from '../../../src/base/errors.js';
import { viewOf } from '../../../src/model/attempt-view.js';
import type { Notice, Notifier } from '../../../src/ports/notifier.js';
import { SHOP, T0 } from '../../support/attempt-parts.js';
import { attemptIn } from '../../support/attempts.js';
import { failureOf } from '../../support/failure.js';
import { ManualClock } from '../../support/manual-clock.js';

const NOTICE: Notice = {
  id: 'n-1',
  kind: 'approval-needed',
  severity: 'warning',
  at: T0,
  title: 'A person must decide',
  text: 'about a rollback of argocd/shop',
  application: SHOP,
  attempt: viewOf(attemptIn('PRCreated')),
};
const never = new AbortController().signal;
const RETRY = { count: 3, backoffMs: [1_000, 2_000, 4_000] };
/** Waits cost nothing and are remembered. */
class InstantClock extends ManualClock {
  readonly waits: number[] = [];
  override sleep(ms: number): Promise<void> {
    this.waits.push(ms);
    return Promise.resolve();
  }
}

/** A receiver of webhooks that answers with the given statuses in turn, then with 204. */
class Receiver {
  readonly got: { readonly url: string; readonly headers: IncomingMessage['headers']; readonly body: unknown }[] = [];
  statuses: number[] = [];
  private constructor(private readonly server: Server) {}
  static async start(): Promise<Receiver> {
    const server = createServer();
    const self = new Receiver(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('end', () => {
          self.got.push({
            url: request.url ?? '',
            headers: request.headers,
            body: JSON.parse(Buffer.concat(chunks).toString('utf8')),
          });
          response.writeHead(self.statuses.shift() ?? 204, { location: 'http://evil.example/' }).end();
        });
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return self;
  }
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/services/T0/secret-path?key=secret-key`;
  }
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.server.close(() => {
        resolve();
      });
    });
    this.server.closeAllConnections();
    await closed;
  }
}

describe('WebhookNotifier', () => {
  let receiver: Receiver;
  let webhook: WebhookNotifier;
  let clock: InstantClock;
  beforeEach(async () => {
    receiver = await Receiver.start();
    clock = new InstantClock();
    webhook = new WebhookNotifier({ name: 'chat', url: receiver.url, token: () => 'token-1' }, clock, RETRY);
  });
  afterEach(async () => {
    await webhook.close();
    await receiver.close();
  });
  const messageOf = async (act: Promise<unknown>): Promise<string> => {
    try {
      await act;
      return 'nothing was thrown';
    } catch (error) {
      return JSON.stringify(error instanceof Error ? [error.message, error.stack, error.cause] : error);
    }
  };

  it('posts the whole notice as JSON to the exact address, with an id that a repeat shares', async () => {
    await webhook.notify(NOTICE, never);
    await webhook.notify(NOTICE, never);
    expect(
      receiver.got.map((g) => [
        g.url,
        g.headers['content-type'],
        g.headers['idempotency-key'],
        g.headers.authorization,
      ]),
    ).to.deep.equal(
      Array.from({ length: 2 }, () => [
        '/services/T0/secret-path?key=secret-key',
        'application/json',
        'n-1',
        'Bearer token-1',
      ]),
    );
    expect(receiver.got[0]?.body).to.deep.equal(JSON.parse(JSON.stringify({ version: 1, ...NOTICE })));
  });
  it('tries again after 1, 2 and 4 s when the receiver is away, then gives up', async () => {
    receiver.statuses = [503, 503];
    await webhook.notify(NOTICE, never);
    expect([receiver.got.length, clock.waits]).to.deep.equal([3, [1_000, 2_000]]);
    receiver.statuses = [503, 503, 503, 503, 503];
    expect(await failureOf(webhook.notify(NOTICE, never))).to.equal('NOTIFICATION_FAILED transient');
    expect(receiver.got).to.have.length(7);
  });
  it('does not try again what was refused for good, and follows no redirect', async () => {
    receiver.statuses = [400];
    expect(await failureOf(webhook.notify(NOTICE, never))).to.equal('NOTIFICATION_FAILED terminal');
    receiver.statuses = [302];
    expect(await failureOf(webhook.notify(NOTICE, never))).to.equal('NOTIFICATION_FAILED config');
    expect(receiver.got).to.have.length(2);
  });
  it('names the webhook and the status, never the address, which is a secret', async () => {
    receiver.statuses = [403];
    const message = await messageOf(webhook.notify(NOTICE, never));
    expect(message)
      .to.contain('webhook chat did not take notice n-1: WEBHOOK_DENIED (403)')
      .and.not.to.match(/secret|token-1/);
    await receiver.close();
    expect(await messageOf(webhook.notify(NOTICE, never)))
      .to.contain('WEBHOOK_UNREACHABLE')
      .and.not.to.match(/secret|token-1/);
  });
  it('refuses an address that is none, without repeating it', async () => {
    for (const url of ['hooks.example/secret', 'ftp://secret.example', 'https://user:secret@hooks.example']) {
      const made = messageOf(
        Promise.resolve().then(() => new WebhookNotifier({ name: 'chat', url }, new InstantClock(), RETRY)),
      );
      expect(await made)
        .to.contain('webhook chat')
        .and.not.to.contain('secret');
    }
  });
  it('stops when it is told to', async () => {
    expect(await failureOf(webhook.notify(NOTICE, AbortSignal.abort()))).to.equal('NOTIFICATION_FAILED cancelled');
  });
});

describe('LogNotifier', () => {
  it("writes one line of the notice's severity, with the correlation id and without the whole attempt", async () => {
    const lines: unknown[] = [];
    const write =
      (level: string) =>
      (message: string, fields: object): void => {
        lines.push([level, message, fields]);
      };
    const log = new LogNotifier({ info: write('info'), warn: write('warn'), error: write('error') });
    await log.notify(NOTICE);
    const { attempt: _, ...bare } = NOTICE;
    await log.notify({ ...bare, severity: 'critical' });
    const fields = {
      noticeId: 'n-1',
      kind: 'approval-needed',
      title: NOTICE.title,
      text: NOTICE.text,
      application: SHOP,
    };
    expect(lines).to.deep.equal([
      ['warn', 'notice', { ...fields, correlationId: NOTICE.attempt?.id, state: 'PRCreated' }],
      ['error', 'notice', fields],
    ]);
  });
});

describe('FanOutNotifier', () => {
  class Remembering implements Notifier {
    readonly ids: string[] = [];
    broken = false;
    async notify(notice: Notice): Promise<void> {
      await Promise.resolve();
      if (this.broken) throw new OperatorError('NOTIFICATION_FAILED', 'transient', 'away');
      this.ids.push(notice.id);
    }
  }
  const metrics = (): { readonly counted: string[]; notification(service: string, result: string): void } => {
    const counted: string[] = [];
    return { counted, notification: (service, result) => counted.push(`${service} ${result}`) };
  };

  it('reaches the others when one receiver fails, and names the one that did', async () => {
    const [good, bad, counts] = [new Remembering(), new Remembering(), metrics()];
    bad.broken = true;
    const fanOut = new FanOutNotifier(
      [
        { name: 'bad', notifier: bad },
        { name: 'good', notifier: good },
      ],
      counts,
    );
    expect(await failureOf(fanOut.notify(NOTICE, never))).to.equal('NOTIFICATION_FAILED transient');
    expect([good.ids, counts.counted.toSorted()]).to.deep.equal([['n-1'], ['bad failed', 'good sent']]);
  });
  it('repeats only for those that have not taken it', async () => {
    const [good, bad] = [new Remembering(), new Remembering()];
    bad.broken = true;
    const fanOut = new FanOutNotifier(
      [
        { name: 'bad', notifier: bad },
        { name: 'good', notifier: good },
      ],
      metrics(),
    );
    await failureOf(fanOut.notify(NOTICE, never));
    bad.broken = false;
    await fanOut.notify(NOTICE, never);
    expect([good.ids, bad.ids]).to.deep.equal([['n-1'], ['n-1']]);
  });
});
