import { ago, duration } from '../../base/time-words.js';
import type { HealthStatus } from '../../model/application.js';
import type { AttemptView } from '../../model/attempt-view.js';
import type { ApplicationView, QuarantineView } from '../operator-queries.js';
import { shortRevision } from '../../stages/4-proposal/body/words.js';
import type { Colour, Paint } from './paint.js';
import { table, type Cell } from './table.js';

const HEALTH_COLOURS: Readonly<Partial<Record<HealthStatus, Colour>>> = {
  Healthy: 'green',
  Degraded: 'red',
  Missing: 'yellow',
  Unknown: 'yellow',
};
/** A health in its colour. */
export function healthCell(health: HealthStatus): Cell {
  const colour = HEALTH_COLOURS[health];
  return colour === undefined ? health : { text: health, colour };
}

/** `get apps`. */
export function applicationsText(apps: readonly ApplicationView[], now: number, paint: Paint): string {
  if (apps.length === 0)
    return 'No application was listed yet. `ai-operator doctor` says whether Argo CD is reached, and what its token may see.';
  const rows = apps.map((a): Cell[] => [
    a.application,
    a.environment,
    a.mode,
    healthCell(a.health),
    a.healthSince === undefined ? '' : duration(now - a.healthSince),
    a.seenAt === undefined ? 'never' : ago(a.seenAt, now),
    a.eligibility,
    a.activeAttempt?.slice(0, 8) ?? '',
  ]);
  return table(['APPLICATION', 'ENVIRONMENT', 'MODE', 'HEALTH', 'FOR', 'SEEN', 'ROLLBACK', 'ATTEMPT'], rows, paint);
}

/** `get attempts`. */
export function attemptsText(attempts: readonly AttemptView[], now: number, paint: Paint): string {
  if (attempts.length === 0)
    return 'No attempts: nothing was Degraded long enough. `ai-operator explain APP` says what would be done for an application.';
  const rows = attempts.map((a): Cell[] => [
    a.id.slice(0, 8),
    a.application,
    a.environment,
    stateCell(a),
    `${shortRevision(a.bad.revisions[0] ?? 'unknown')} -> ${a.candidate === undefined ? '?' : shortRevision(a.candidate.revision)}`,
    a.pullRequest === undefined ? '' : `#${a.pullRequest.number}`,
    duration((a.closedAt ?? now) - a.openedAt),
    a.next.until === undefined ? '' : ago(a.next.until, now),
  ]);
  return table(['ATTEMPT', 'APPLICATION', 'ENVIRONMENT', 'STATE', 'ROLLBACK', 'PR', 'TOOK', 'DEADLINE'], rows, paint);
}

/** State, and for an ended attempt its reason, as one cell. */
export function stateCell(a: AttemptView): Cell {
  if (a.end?.kind === 'complete') return { text: a.state, colour: 'green' };
  if (a.end?.kind === 'aborted') return { text: `${a.state} (${a.end.reason})`, colour: 'red' };
  const text = a.step === undefined ? a.state : `${a.state}/${a.step}`;
  return a.step === 'waiting-for-human' || a.step === 'held' ? { text, colour: 'yellow' } : text;
}

/** `quarantine list`. */
export function quarantineText(list: readonly QuarantineView[], now: number, paint: Paint): string {
  if (list.length === 0) return 'Nothing is in quarantine.';
  const rows = list.map((q) => [
    q.attempt.slice(0, 8),
    q.application,
    q.revisions.map(shortRevision).join(' '),
    q.current ? 'yes' : 'no',
    ago(q.at, now),
    ago(q.until, now),
  ]);
  return table(['ATTEMPT', 'APPLICATION', 'BAD REVISIONS', 'RUNS NOW', 'SINCE', 'ENDS'], rows, paint);
}
