import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { cleanLine } from '../../base/clean-text.js';
import type { Answer } from './answer.js';
import { problem } from './problem.js';

export const MAX_BODY_BYTES = 64 * 1024;
const MIN_REASON = 3;
const MAX_REASON = 500;

const commandBody = z.strictObject({
  reason: z
    .string()
    .transform((text) => cleanLine(text))
    .refine(
      (text) => text.length >= MIN_REASON && text.length <= MAX_REASON,
      `must say why, in ${MIN_REASON} to ${MAX_REASON} characters`,
    ),
});

export type BodyResult =
  | { readonly kind: 'read'; readonly reason: string }
  | { readonly kind: 'refused'; readonly answer: Answer };
const refused = (answer: Answer): BodyResult => ({ kind: 'refused', answer });

/** The body of a command: JSON of at most 64 KiB, exactly `{"reason": "..."}`. */
export async function readCommandBody(request: IncomingMessage): Promise<BodyResult> {
  if (!/^application\/json(?:\s*;|$)/i.test(request.headers['content-type'] ?? '')) {
    return refused(problem('not-json', 'Send content-type: application/json.'));
  }
  const tooLarge = (): BodyResult => refused(problem('body-too-large', `At most ${MAX_BODY_BYTES} bytes are taken.`));
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) return tooLarge();
  let text: string | undefined;
  try {
    text = await readText(request);
  } catch {
    return refused(problem('malformed-request', 'The body did not arrive whole.'));
  }
  if (text === undefined) return tooLarge();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refused(problem('malformed-request', 'The body cannot be parsed as JSON.'));
  }
  const parsed = commandBody.safeParse(value);
  if (parsed.success) return { kind: 'read', reason: parsed.data.reason };
  const faults = parsed.error.issues
    .slice(0, 5)
    .map((i) => cleanLine(`${i.path.map(String).join('.') || 'body'}: ${i.message}`, 200));
  return refused(problem('invalid-body', `${faults.join('; ')}. Expected: {"reason": "why, for the audit log"}.`));
}

/** Undefined = over the cap; the rest is not read. */
async function readText(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(bytes);
  }
  return new TextDecoder('utf-8').decode(Buffer.concat(chunks));
}
