import { LOG_FORMATS, LOG_LEVELS } from './operator-config.js';
import { address, compact, group, list, name, path, port, text, word } from './scalars.js';

const host = text('a host name or address', '127.0.0.1', /^[A-Za-z0-9.:-]+$/);

/** `http`: the API. Bound to loopback and read-only without `tokensFile`. */
export const httpSchema = group({
  port: port().default(8080).describe('0 = any free port.'),
  host: host.describe('Address to listen on; absent = all with tokensFile, loopback without.').optional(),
  tokensFile: path('/run/secrets/http/tokens')
    .describe('File with the hashes of bearer tokens and their roles. Without it the API is read-only.')
    .optional(),
})
  .describe('The API for people and the command line.')
  .transform((http) =>
    compact({ ...http, host: http.host ?? (http.tokensFile === undefined ? '127.0.0.1' : '0.0.0.0') }),
  );

/** `httpMetrics`: probes and metrics, no detail about applications. */
export const httpMetricsSchema = group({
  port: port().default(9090).describe('0 = any free port.'),
  host: host.default('0.0.0.0').describe('Address to listen on.'),
}).describe('Probes (/livez, /readyz) and /metrics.');

/** `log`. */
export const logSchema = group({
  level: word(LOG_LEVELS).default('info').describe('Least severity that is written.'),
  format: word(LOG_FORMATS).default('auto').describe('auto = text on a terminal, else JSON lines. Always on stderr.'),
}).describe('Logs.');

/** `tracing`: absent = off, and the libraries for it are not loaded. */
export const tracingSchema = group({
  otlpUrl: address('http://otel-collector.observability:4318').describe(
    'Base address of an OTLP receiver (HTTP); spans are posted to /v1/traces below it.',
  ),
}).describe('OpenTelemetry traces, one per attempt. Absent = off.');

const webhook = group({
  name: name('team-chat').describe('Shown in logs and metrics.'),
  url: address('https://hooks.example.org/ai-operator')
    .describe('Where notices are posted; use urlFile when the address itself is a secret.')
    .optional(),
  urlFile: path('/run/secrets/webhook-url').describe('File with the address.').optional(),
  tokenFile: path('/run/secrets/webhook-token').describe('File with a bearer token.').optional(),
})
  .check(({ value, issues }) => {
    if ((value.url === undefined) !== (value.urlFile === undefined)) return;
    issues.push({
      code: 'custom',
      input: value,
      message: 'a webhook has one address; write either `url` or `urlFile`',
    });
  })
  .transform(compact);
/** `notify`. */
export const notifySchema = group({
  webhooks: list(webhook, '[{ name: team-chat, urlFile: /run/secrets/webhook-url }]')
    .default([])
    .describe('Receivers of notices, as JSON by POST.'),
}).describe('Who is told when people are needed.');
