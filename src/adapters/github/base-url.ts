import { OperatorError } from '../../base/errors.js';
import { WRONG_ADDRESS } from './github-failure.js';

/** The base address as Octokit wants it, without a slash at the end. Throws `GITHUB_BASE_URL` (config). */
export function checkedBaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new OperatorError(
      'GITHUB_BASE_URL',
      'config',
      `github.apiUrl "${text}" is not an http address: ${WRONG_ADDRESS}`,
    );
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}
