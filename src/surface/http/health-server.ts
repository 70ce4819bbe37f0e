import type { IncomingMessage } from 'node:http';
import { textAnswer, type Answer } from './answer.js';
import { HttpListener, type ListenOptions } from './listener.js';
import { problem } from './problem.js';

/** What the probes ask. Neither asks an upstream. */
export interface Vitals {
  /** False only when a restart would help: the operator's own loop stands still. An upstream that is down is no reason. */
  alive(): boolean;
  ready(): boolean;
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>;
}

/**
 * Port 9090, `http-metrics`: `/livez`, `/readyz`, `/metrics`, for probes and scrapers; says nothing about applications.
 */
export class HealthServer {
  private constructor(private readonly listener: HttpListener) {}

  static async start(listen: Omit<ListenOptions, 'configKey'>, vitals: Vitals): Promise<HealthServer> {
    return new HealthServer(
      await HttpListener.start({ ...listen, configKey: 'httpMetrics' }, (request) => answer(request, vitals)),
    );
  }
  get url(): string {
    return this.listener.url;
  }
  async close(graceMs?: number): Promise<void> {
    await this.listener.close(graceMs);
  }
}

async function answer(request: IncomingMessage, vitals: Vitals): Promise<Answer> {
  const [path = '/'] = (request.url ?? '/').split('?');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return problem('method-not-allowed', 'Only GET is taken here.', { headers: { allow: 'GET' } });
  }
  try {
    switch (path) {
      case '/livez':
      case '/healthz':
        return vitals.alive() ? textAnswer(200, 'ok\n') : textAnswer(503, 'not alive\n');
      case '/readyz':
        return vitals.ready() ? textAnswer(200, 'ok\n') : textAnswer(503, 'not ready\n');
      case '/metrics': {
        const { contentType, text } = await vitals.metrics();
        return { status: 200, contentType, body: text };
      }
      default:
        return problem('no-such-route', 'Try /livez, /readyz or /metrics.');
    }
  } catch {
    // What failed is the caller's own to log; a probe must get an answer.
    return problem('internal', 'The answer could not be put together.');
  }
}
