import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Row } from './measure.js';

const PARTS = {
  pollCycle: async () => (await import('./poll-cycle.js')).pollCycle(),
  persistence: async () => (await import('./persistence.js')).persistence(),
  proposalPath: async () => (await import('./proposal-path.js')).proposalPath(),
  startUp: async () => (await import('./start-up.js')).startUp(),
  soak: async () => (await import('./soak.js')).soak(),
} satisfies Readonly<Record<string, () => Promise<readonly Row[]>>>;
export type PartName = keyof typeof PARTS;
export const PART_NAMES = Object.keys(PARTS) as readonly PartName[];
export const isPartName = (name: string): name is PartName => PART_NAMES.some((part) => part === name);

/** Measures a part in a process of its own, so that the heap of one is no burden on the next. Throws when it fails. */
export async function measured(part: PartName): Promise<readonly Row[]> {
  const child = fork(fileURLToPath(import.meta.url), ['measure', part]);
  return new Promise((resolve, reject) => {
    let rows: readonly Row[] | undefined;
    let why = '';
    child.once('message', (message) => {
      if (typeof message === 'string') why = message;
      else rows = message as readonly Row[];
    });
    child.once('exit', (code) => {
      if (rows !== undefined && code === 0) resolve(rows);
      else reject(new Error(why === '' ? `its process ended with ${code}` : why));
    });
  });
}

if (process.argv[2] === 'measure') {
  const part = process.argv[3] ?? '';
  if (!isPartName(part)) throw new Error(`no part ${part}`);
  try {
    const rows = await PARTS[part]();
    process.send?.(rows, () => process.exit(0));
  } catch (error) {
    console.error(error);
    process.send?.(error instanceof Error ? error.message : String(error), () => process.exit(1));
  }
}
