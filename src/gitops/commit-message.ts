import { OperatorError } from '../base/errors.js';

/** What the trailers of a rollback commit say. */
export interface RollbackTrailers {
  /** Commit whose state is taken back. */
  readonly rollbackOf: string;
  /** Commit whose state comes back. */
  readonly rollbackTo: string;
  /** Id of the attempt (its correlation id). */
  readonly attempt: string;
}

const COMMIT = /^[0-9a-f]{40}$/;
const ATTEMPT = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function checked(name: string, value: string, pattern: RegExp): string {
  if (pattern.test(value)) return value;
  throw new OperatorError('COMMIT_MESSAGE_INVALID', 'bug', `${name} cannot be ${JSON.stringify(value)}`);
}

/**
 * Message of the one commit of a rollback. A fixed text with ids in it: no name, title or message from outside ever
 * gets in, so nothing in it can mention people, close issues or steer CI.
 * @throws OperatorError COMMIT_MESSAGE_INVALID (bug) when an id has another form.
 */
export function commitMessage(trailers: RollbackTrailers): string {
  const of = checked('Rollback-Of', trailers.rollbackOf, COMMIT);
  const to = checked('Rollback-To', trailers.rollbackTo, COMMIT);
  const attempt = checked('Rollback-Attempt', trailers.attempt, ATTEMPT);
  return [
    `Roll back ${of.slice(0, 10)} to ${to.slice(0, 10)}`,
    '',
    'Restores the files that the application renders from to their earlier',
    'state. Every other file stays as it is.',
    '',
    `Rollback-Of: ${of}`,
    `Rollback-To: ${to}`,
    `Rollback-Attempt: ${attempt}`,
    '',
  ].join('\n');
}

function onlyTrailer(message: string, name: string, pattern: RegExp): string | undefined {
  const lines = message.split(/\r?\n/).filter((line) => line.startsWith(`${name}: `));
  const values = new Set(lines.map((line) => line.slice(name.length + 2).trim()));
  const [value] = values;
  return values.size === 1 && value !== undefined && pattern.test(value) ? value : undefined;
}

/**
 * The trailers of a rollback commit, also after GitHub squashed it under another title; undefined when one is missing,
 * malformed or contradicts itself. Anyone can write them: they are a hint, never a proof.
 */
export function parseCommitMessage(message: string): RollbackTrailers | undefined {
  const rollbackOf = onlyTrailer(message, 'Rollback-Of', COMMIT);
  const rollbackTo = onlyTrailer(message, 'Rollback-To', COMMIT);
  const attempt = onlyTrailer(message, 'Rollback-Attempt', ATTEMPT);
  if (rollbackOf === undefined || rollbackTo === undefined || attempt === undefined) return undefined;
  return { rollbackOf, rollbackTo, attempt };
}
