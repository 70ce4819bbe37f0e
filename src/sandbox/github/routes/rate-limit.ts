import { json } from '../../http-message.js';
import type { RateLimit } from '../rate-limit.js';
import type { Routes } from '../routes.js';

/** `GET /rate_limit`, which costs nothing. */
export function addRateLimitRoutes(routes: Routes, rate: RateLimit): void {
  routes.account('GET', '/rate_limit', ({ account }) => {
    const core = rate.read(account.login);
    const search = { limit: 30, used: 0, remaining: 30, reset: core.reset };
    return json(200, { resources: { core, search }, rate: core });
  });
}
