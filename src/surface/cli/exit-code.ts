import { asOperatorError } from '../../base/errors.js';

/** What the process answers its shell. */
export const EXIT = {
  ok: 0,
  error: 1,
  /** The command line, the configuration or the credential is wrong. */
  usage: 2,
  /** Nothing is broken, and it is not in a state for this. */
  conditionNotMet: 3,
  /** A rule forbids it: an invariant, a guard, a role. */
  refused: 4,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The exit code an error stands for. */
export function exitCodeOf(error: unknown): ExitCode {
  switch (asOperatorError(error).category) {
    case 'config':
      return EXIT.usage;
    case 'conflict':
      return EXIT.conditionNotMet;
    case 'denied':
      return EXIT.refused;
    case 'transient':
    case 'unknown':
    case 'terminal':
    case 'cancelled':
    case 'bug':
      return EXIT.error;
  }
}
