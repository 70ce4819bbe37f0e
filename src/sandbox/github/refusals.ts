import { RefusalError } from '../http-message.js';

const DOCS = 'https://docs.github.com/rest';

/** Answers of GitHub that refuse, in GitHub's words. */
export function refusal(status: number, message: string, more: Readonly<Record<string, unknown>> = {}): RefusalError {
  return new RefusalError({ status, json: { message, ...more, documentation_url: DOCS, status: String(status) } });
}

export const notFound = (): RefusalError => refusal(404, 'Not Found');

/** `needed` as GitHub lists it: `pull_requests=write`. */
export const noPermission = (needed?: string): RefusalError => {
  const { reply } = refusal(403, 'Resource not accessible by integration');
  if (needed === undefined) return new RefusalError(reply);
  return new RefusalError({ ...reply, headers: { 'x-accepted-github-permissions': needed } });
};

export const unprocessable = (message: string): RefusalError => refusal(422, message);

export interface FieldError {
  readonly resource: string;
  readonly code: string;
  readonly field?: string;
  readonly message?: string;
}

/** 422, with what is wrong with each field. */
export const validationFailed = (...errors: readonly FieldError[]): RefusalError =>
  refusal(422, 'Validation Failed', { errors });

export const noSuchCommit = (rev: string): RefusalError => unprocessable(`No commit found for SHA: ${rev}`);
