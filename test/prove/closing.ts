import type { AuditEntry } from '../../src/ports/audit-log.js';

/** An announced closing of which this was said may still be carried out. */
const UNSETTLED = /^(?:not seen|asked for|interrupted)\b/;

/** What asks GitHub to close a pull request: the body of the request, or what the port was given. */
export const isClosing = (change: unknown): boolean =>
  typeof change === 'object' && change !== null && 'state' in change && change.state === 'closed';

type Written = Pick<AuditEntry, 'kind' | 'subject' | 'attempt' | 'text'>;
/**
 * A closing has no stored step: it is announced, each time, before it is asked for. The announcement that stands at the
 * end of these records; or the complaint that there is none.
 */
export function announcementOf<W extends Written>(number: number, written: readonly W[]): W | string {
  const newest = written.findLast(
    ({ text }) => text.endsWith(`: close pull request #${number}`) && !UNSETTLED.test(text),
  );
  return newest?.kind === 'decision' && newest.subject === `${newest.attempt}:close`
    ? newest
    : `#${number} is closed, and the newest word about it in the audit log is ${newest?.text ?? 'none'}`;
}
