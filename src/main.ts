#!/usr/bin/env node
import 'reflect-metadata';
import { buildFacts } from './app/build-facts.js';
import { cliHandlers } from './app/cli-handlers.js';
import { SystemClock } from './base/clock.js';
import { processIo } from './surface/cli/cli-io.js';
import { runCli } from './surface/cli/run-cli.js';

/** Resolves with the name of the signal that asks for a graceful end. */
function ended(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal));
  });
}

const clock = new SystemClock();
process.exitCode = await runCli(process.argv.slice(2), processIo(), cliHandlers(buildFacts(process.env), clock, ended), clock);
