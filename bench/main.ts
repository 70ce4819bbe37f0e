import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { holds, valueOf, type Row } from './measure.js';
import { persistence } from './persistence.js';
import { pollCycle } from './poll-cycle.js';
import { proposalPath } from './proposal-path.js';
import { circumstances, loadAverage, markdown } from './report.js';
import { soak } from './soak.js';
import { startUp } from './start-up.js';

const PARTS = { pollCycle, persistence, proposalPath, startUp, soak };
const only = process.argv.slice(2).filter((a) => !a.startsWith('--'));

const loadBefore = loadAverage();
const rows: Row[] = [];
const failures: string[] = [];
for (const [name, measure] of Object.entries(PARTS)) {
  if (only.length > 0 && !only.includes(name)) continue;
  try {
    rows.push(...(await measure()));
  } catch (error) {
    // The others are worth their time all the same.
    failures.push(`${name} could not be measured: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
}
const where = circumstances(loadBefore);
const table = markdown(rows, where);
process.stdout.write(`${table}\n${JSON.stringify({ ...where, rows: rows.map((r) => ({ ...r, value: valueOf(r), holds: holds(r) })) })}\n`);
for (const failure of failures) process.stderr.write(`${failure}\n`);
if (process.argv.includes('--write')) await writeFile(path.resolve('bench/RESULTS.md'), table);
process.exitCode = failures.length > 0 || !rows.every(holds) ? 1 : 0;
