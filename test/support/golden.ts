import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect } from 'chai';

/** Compares a text with a committed file (path from the project's root). UPDATE_GOLDEN=1 writes the file instead. */
export function expectGolden(file: string, text: string): void {
  const ended = text.endsWith('\n') ? text : `${text}\n`;
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, ended);
    return;
  }
  if (!existsSync(file)) throw new Error(`${file} does not exist; write it with UPDATE_GOLDEN=1 and read it`);
  expect(ended, `differs from ${file}; if that is meant: UPDATE_GOLDEN=1`).to.equal(readFileSync(file, 'utf8'));
}
