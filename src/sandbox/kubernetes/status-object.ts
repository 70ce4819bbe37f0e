import { RefusalError } from '../http-message.js';

const REASONS = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  503: 'ServiceUnavailable',
} as const;

/** A refusal of the Kubernetes API: a `Status` object. */
export function kubernetesRefusal(
  code: keyof typeof REASONS,
  message: string,
  details?: Readonly<Record<string, string>>,
): RefusalError {
  return new RefusalError({
    status: code,
    json: {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason: REASONS[code],
      ...(details === undefined ? {} : { details }),
      code,
    },
  });
}
