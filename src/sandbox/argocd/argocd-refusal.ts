import { RefusalError } from '../http-message.js';
import type { Reply } from '../http-message.js';

/** gRPC codes that Argo CD answers with, and the HTTP status grpc-gateway makes of each. */
const HTTP_STATUS = {
  2: 500,
  3: 400,
  5: 404,
  7: 403,
  9: 400,
  14: 503,
  16: 401,
} as const;
/** A gRPC code the sandbox answers with. */
export type GrpcCode = keyof typeof HTTP_STATUS;

/** A refusal in grpc-gateway's shape: the message twice, and the code. */
export function grpcRefusal(code: GrpcCode, message: string): RefusalError {
  return new RefusalError({ status: HTTP_STATUS[code], json: { error: message, code, message } });
}

/** What Argo CD says to the forbidden and to the unknown alike. */
export const permissionDenied = (): RefusalError => grpcRefusal(7, 'permission denied');

/** A plain answer outside the gateway (unknown route, wrong content type). */
export const plainText = (status: number, text: string): Reply => ({
  status,
  text,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
});
