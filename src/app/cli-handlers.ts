import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { readAudit } from '../adapters/file/audit-read.js';
import { verifyAudit } from '../adapters/file/audit-verify.js';
import { codeOf } from '../adapters/file/audit-trouble.js';
import { findWitness } from '../adapters/file/checkpoint-line.js';
import { publicKeyFileOf } from '../adapters/file/audit-signing-key.js';
import type { Clock } from '../base/clock.js';
import { OperatorError } from '../base/errors.js';
import { describeConfig, describeConfigYaml } from '../config/describe-config.js';
import type { ConfigFlag } from '../config/layers.js';
import { loadConfig, type LoadedConfig } from '../config/load-config.js';
import { configJsonSchema } from '../config/schema-json.js';
import type { AuditOptions, CommandHandlers, RunOptions } from '../surface/cli/command-handlers.js';
import type { CliIo } from '../surface/cli/cli-io.js';
import { EXIT, type ExitCode } from '../surface/cli/exit-code.js';
import type { Output } from '../surface/cli/options.js';
import type { BuildFacts } from './build-facts.js';
import type { ProcessSignals } from './daemon.js';
import { dryRunFlags } from './dry-run.js';

/**
 * The commands that need no running operator, put behind the command line. What only some of them need is loaded when they
 * run: a question to a running operator shall not wait for the daemon's libraries.
 */
export function cliHandlers(build: BuildFacts, clock: Clock, signals: ProcessSignals): CommandHandlers {
  return {
    version: `${build.version} (${build.commit})`,
    run: (options, io) => run(options, io, clock, build, signals),
    configCheck: async ({ config, output }, io) => {
      const loaded = load(config, io);
      if (output !== 'table') io.out(write({ valid: true, warnings: loaded.warnings }, output));
      else io.out(`${config}: valid${loaded.warnings.length === 0 ? '' : `, ${loaded.warnings.length} warning(s)`}`);
      return EXIT.ok;
    },
    configPrint: async ({ config, output }, io) => {
      const loaded = load(config, io);
      io.out(output === 'json' ? write(describeConfig(loaded), output) : describeConfigYaml(loaded).trimEnd());
      return EXIT.ok;
    },
    configSchema: async (io) => {
      io.out(JSON.stringify(configJsonSchema(), null, 2));
      return EXIT.ok;
    },
    auditVerify: (options, io) => auditVerify(options, io),
    auditShow: (options, io) => auditShow(options, io),
    auditExport: (options, io) => auditExport(options, io),
    doctor: async ({ config, output }, io) => {
      const { diagnose } = await import('./doctor.js');
      const report = await diagnose(load(config, io), clock);
      io.out(output === 'table' ? report.text : write({ failed: report.failed, findings: report.findings }, output));
      return report.failed ? EXIT.conditionNotMet : EXIT.ok;
    },
    serverOf: async (config) => {
      const { http } = loadConfig({ file: config, env: process.env, checkFiles: false }).config;
      const host = http.host === '0.0.0.0' || http.host === '::' ? '127.0.0.1' : http.host;
      return `http://${host.includes(':') ? `[${host}]` : host}:${http.port}`;
    },
  };
}

/** Warnings go to stderr; a faulty configuration is thrown whole. */
function load(config: string | undefined, io: CliIo): LoadedConfig {
  const loaded = read(config);
  for (const warning of loaded.warnings) io.err(`warning: ${warning}`);
  return loaded;
}
/** The daemon, or one look. A dry run lowers the modes again with every reload. */
async function run(
  { config, dryRun, once }: RunOptions,
  io: CliIo,
  clock: Clock,
  build: BuildFacts,
  signals: ProcessSignals,
): Promise<ExitCode> {
  const loaded = (): LoadedConfig => (dryRun === true ? read(config, dryRunFlags(read(config).config)) : read(config));
  if (dryRun === true) io.err('dry run: every environment is lowered to mode observe; nothing is done outside');
  if (once === undefined) {
    const { runDaemon } = await import('./daemon.js');
    return runDaemon(loaded, clock, build, signals);
  }
  const { lookOnce, oneLookText } = await import('./look-once.js');
  const seen = await lookOnce(loaded(), clock);
  io.out(once === 'table' ? oneLookText(seen) : write(seen, once));
  return seen.degraded ? EXIT.conditionNotMet : EXIT.ok;
}
const read = (config: string | undefined, flags: readonly ConfigFlag[] = []): LoadedConfig =>
  loadConfig({ ...(config === undefined ? {} : { file: config }), env: process.env, flags });
const write = (value: unknown, output: Output): string =>
  output === 'json' ? JSON.stringify(value, null, 2) : stringify(value).trimEnd();

function directoryOf(options: AuditOptions): string {
  if (options.directory !== undefined) return options.directory;
  if (options.config === undefined)
    throw new OperatorError('AUDIT_DIRECTORY_UNKNOWN', 'config', 'name the audit directory: --directory or --config');
  return loadConfig({ file: options.config, env: process.env, checkFiles: false }).config.audit.directory;
}
async function auditVerify(options: AuditOptions & { readonly witness?: string }, io: CliIo): Promise<ExitCode> {
  const directory = directoryOf(options);
  const publicKey = await readOptional(publicKeyFileOf(join(directory, 'signing-key.pem')));
  const witness = options.witness === undefined ? undefined : findWitness(options.witness);
  if (options.witness !== undefined && witness === undefined)
    throw new OperatorError(
      'AUDIT_WITNESS_INVALID',
      'config',
      '--witness takes <number>:<hash>, as printed in a checkpoint or shown with an attempt',
    );
  const report = await verifyAudit(directory, {
    ...(publicKey === undefined ? {} : { publicKey }),
    ...(witness === undefined ? {} : { witness }),
  });
  if (options.output !== 'table') io.out(write(report, options.output));
  else {
    io.out(report.statement);
    io.out(
      [
        `${report.records} records, ${report.segments} segment(s), ${report.checkpoints} checkpoint(s)`,
        `${report.late} late, ${report.torn} torn`,
      ].join(', '),
    );
    for (const p of report.problems)
      io.out(
        [p.code, p.segment, p.number === undefined ? undefined : `#${p.number}`]
          .filter((part) => part !== undefined)
          .join(' ') + `: ${p.text}`,
      );
  }
  return report.ok ? EXIT.ok : EXIT.conditionNotMet;
}
async function auditShow(options: AuditOptions & { readonly attempt?: string }, io: CliIo): Promise<ExitCode> {
  const filter = options.attempt === undefined ? {} : { attempt: options.attempt };
  for await (const reading of readAudit(directoryOf(options), filter)) {
    if (!('record' in reading)) continue;
    const { record } = reading;
    if (options.output === 'json') io.out(JSON.stringify(record));
    else
      io.out(
        [
          String(record.n).padStart(6),
          new Date(record.at).toISOString(),
          record.kind.padEnd(13),
          `${record.actor.padEnd(10)} ${record.text}`,
        ].join('  '),
      );
  }
  return EXIT.ok;
}
async function auditExport(options: AuditOptions & { readonly attempt?: string }, io: CliIo): Promise<ExitCode> {
  const filter = options.attempt === undefined ? {} : { attempt: options.attempt };
  for await (const reading of readAudit(directoryOf(options), filter))
    if ('record' in reading) io.out(JSON.stringify(reading.record));
  return EXIT.ok;
}
async function readOptional(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
