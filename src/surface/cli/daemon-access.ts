import { readFile } from 'node:fs/promises';
import { OperatorError } from '../../base/errors.js';
import { Secret } from '../../base/secret.js';
import type { CliIo } from './cli-io.js';
import type { CommandHandlers } from './command-handlers.js';
import { DaemonClient } from './daemon-client.js';
import type { OptionValues } from './options.js';

const DEFAULT_SERVER = 'http://127.0.0.1:8080';

/** A client for the operator that options, environment or configuration name, in this order. Throws CLI_TOKEN_UNREADABLE (config). */
export async function daemonClient(
  options: OptionValues,
  io: CliIo,
  handlers: Pick<CommandHandlers, 'serverOf' | 'version'>,
): Promise<DaemonClient> {
  const named = options.server ?? given(io.env['AI_OPERATOR_SERVER']);
  const url = named ?? (options.config === undefined ? DEFAULT_SERVER : await handlers.serverOf(options.config));
  const file = options['token-file'] ?? given(io.env['AI_OPERATOR_TOKEN_FILE']);
  const token = file === undefined ? undefined : await readToken(file);
  if (token !== undefined && sentInTheClear(url)) io.err(`warning: your token goes to ${url} without TLS`);
  return new DaemonClient({ url, version: handlers.version, ...(token === undefined ? {} : { token }) });
}

const given = (value: string | undefined): string | undefined =>
  value === undefined || value === '' ? undefined : value;

async function readToken(file: string): Promise<Secret> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new OperatorError('CLI_TOKEN_UNREADABLE', 'config', `token file ${file} cannot be read: ${String(error)}`, {
      cause: error,
    });
  }
  const token = text.trim();
  if (!/^[\x21-\x7e]{1,1024}$/.test(token)) {
    throw new OperatorError(
      'CLI_TOKEN_UNREADABLE',
      'config',
      `token file ${file} must hold one token and nothing else`,
    );
  }
  return new Secret(token);
}

function sentInTheClear(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && hostname !== 'localhost' && hostname !== '[::1]' && !hostname.startsWith('127.');
}
