import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { holds, valueOf, type Row } from './measure.js';
import { isPartName, measured, PART_NAMES } from './parts.js';
import { circumstances, loadAverage, markdown } from './report.js';

const wanted = process.argv.slice(2).filter((a) => !a.startsWith('--'));
const unknown = wanted.filter((name) => !isPartName(name));
if (unknown.length > 0) throw new Error(`no part ${unknown.join(', ')}: there are ${PART_NAMES.join(', ')}`);

const loadBefore = loadAverage();
const rows: Row[] = [];
const failures: string[] = [];
for (const part of PART_NAMES) {
  if (wanted.length > 0 && !wanted.includes(part)) continue;
  try {
    rows.push(...(await measured(part)));
  } catch (error) {
    // The others are worth their time all the same.
    failures.push(`${part} could not be measured: ${error instanceof Error ? error.message : String(error)}`);
  }
}
const where = circumstances(loadBefore);
const table = markdown(rows, where);
const all = rows.map((row) => ({ ...row, value: valueOf(row), holds: holds(row) }));
process.stdout.write(`${table}\n${JSON.stringify({ ...where, rows: all })}\n`);
for (const row of rows.filter((r) => !holds(r))) process.stderr.write(`${row.id} does not hold: ${row.what}\n`);
for (const failure of failures) process.stderr.write(`${failure}\n`);
if (process.argv.includes('--write')) await writeFile(path.resolve('bench/RESULTS.md'), table);
process.exitCode = failures.length > 0 || !rows.every(holds) ? 1 : 0;
