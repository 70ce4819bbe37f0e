import { z } from 'zod';
import type { Actor } from '../../ports/source-control.js';

/** An account as GitHub embeds it; null = deleted, which GitHub shows as `ghost`. */
export const actorSchema = z.object({ login: z.string().min(1), type: z.string() }).nullable();

/** Only `User` is a human; whatever else GitHub has (Bot, Organization, Mannequin, ...) is not. */
export function toActor(account: z.infer<typeof actorSchema>): Actor {
  return account === null
    ? { login: 'ghost', kind: 'bot' }
    : { login: account.login, kind: account.type === 'User' ? 'human' : 'bot' };
}
