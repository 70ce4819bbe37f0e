#!/usr/bin/env node
import 'reflect-metadata';
import { buildFacts } from './app/build-facts.js';
import { cliHandlers } from './app/cli-handlers.js';
import type { ProcessSignals } from './app/daemon.js';
import { SystemClock } from './base/clock.js';
import { processIo } from './surface/cli/cli-io.js';
import { runCli } from './surface/cli/run-cli.js';

/** A process that has nothing left to do ends at once; one that something still keeps, after this. */
const LINGER_MS = 1_000;

const signals: ProcessSignals = {
  ended: () =>
    new Promise((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal));
    }),
  onReload: (reload) => {
    process.on('SIGHUP', reload);
  },
};

const clock = new SystemClock();
const handlers = cliHandlers(buildFacts(process.env), clock, signals);
process.exitCode = await runCli(process.argv.slice(2), processIo(), handlers, clock);
// Everything is done. A timer of a library, or a socket that nobody answers, shall not keep the process from its end; a
// reader who takes long shall get everything first (pipes are written in the background on some systems).
process.stdout.write('', () => {
  setTimeout(() => process.exit(), LINGER_MS).unref();
});
