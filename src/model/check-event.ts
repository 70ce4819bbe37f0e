import { OperatorError } from '../base/errors.js';
import { EVENT_CATALOGUE, eventName, type EventName, type OperatorEvent } from './events.js';

/** The name of an event that fits the catalogue. Throws EVENT_INVALID (bug) for any other. */
export function checkEvent(event: OperatorEvent): EventName {
  const name = eventName(event);
  if (!Object.hasOwn(EVENT_CATALOGUE, name)) {
    throw new OperatorError('EVENT_INVALID', 'bug', `Event type ${String(event.type)} is not in the catalogue.`);
  }
  const checked = EVENT_CATALOGUE[name].safeParse(event.data);
  if (checked.success) return name;
  const faults = checked.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  throw new OperatorError(
    'EVENT_INVALID',
    'bug',
    `Event ${event.type} (${event.id}) does not fit the catalogue: ${faults}.`,
  );
}
