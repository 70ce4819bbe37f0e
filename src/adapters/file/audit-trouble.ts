import { OperatorError } from '../../base/errors.js';

/** `ENOSPC` and the like, of an error of the file system. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

const MENDS: Readonly<Record<string, string>> = {
  ENOSPC: 'Free space on its volume, or enlarge it.',
  EDQUOT: 'Raise the quota, or free space.',
  EROFS: 'Mount its volume writable.',
  EACCES: 'Let the user of the operator write there (directory 0700, files 0600).',
  EPERM: 'Let the user of the operator write there (directory 0700, files 0600).',
  EIO: 'Check the disk; do not trust it before.',
  EMFILE: 'Raise the limit of open files.',
};

/** What is thrown when the disk has not answered for so long. */
export function unanswered(directory: string, ms: number): OperatorError {
  const message = `The audit log in ${directory} cannot be written (its disk has not answered for ${ms / 1_000} s): no effect happens until it can. Look at its volume: is it a network disk that is gone?`;
  return new OperatorError('AUDIT_UNWRITABLE', 'transient', message);
}

/** What is thrown when a record could not be made durable: nothing may be done then (semantics 13). */
export function unwritable(directory: string, error: unknown): OperatorError {
  if (error instanceof OperatorError) return error;
  const code = codeOf(error) ?? 'unknown error';
  const mend = MENDS[code] ?? 'See that the directory exists and can be written.';
  const message = `The audit log in ${directory} cannot be written (${code}): no effect happens until it can. ${mend}`;
  return new OperatorError('AUDIT_UNWRITABLE', 'transient', message, { cause: error });
}
