import { OperatorError } from '../../src/base/errors.js';

/** Code and category of the OperatorError that something threw, or what happened instead. */
export async function failureOf(act: Promise<unknown> | (() => unknown)): Promise<string> {
  try {
    await (typeof act === 'function' ? act() : act);
    return 'nothing was thrown';
  } catch (error) {
    return error instanceof OperatorError
      ? `${error.code} ${error.category}`
      : `not an OperatorError: ${String(error)}`;
  }
}
