import { Agent, request } from 'undici';
import { BenchOperator } from './bench-operator.js';
import { ListServer } from './list-server.js';
import { collectGarbage, interleaved, type Row } from './measure.js';

const ROUNDS = 9;
const FEW_ROUNDS = 5;
/** Short ones need more, to be the same on every run. */
const SHORT_ROUNDS = 41;
const APPLICATIONS = 10_000;
type Compared = Awaited<ReturnType<typeof interleaved>>;

/** P1, P2, P3: a poll cycle over ten thousand applications beside the bare request and parse of the same bytes. */
export async function pollCycle(): Promise<readonly Row[]> {
  const server = await ListServer.start();
  try {
    const list = (name: string): Promise<Compared> => compared(`${server.url}/${name}`, SHORT_ROUNDS, 'young');
    const still = await list('fields');
    const some = await list('fields-some');
    const all = await list('fields-all');
    const shifted = await list('fields-shifted');
    const lines = await compared(`${server.url}/whole-lines`, ROUNDS, 'all');
    const whole = await compared(`${server.url}/whole`, ROUNDS, 'all');
    const wholeAll = await compared(`${server.url}/whole-all`, FEW_ROUNDS, 'all');
    const ofFields = [still, some, all, shifted];
    return [
      cycle('P1a', '`fields`, 1 in 100 changed since the last', some, 1.3),
      cycle('P1b', '`fields`, nothing changed', still, 1.3),
      cycle('P1c', '`fields`, all changed', all, 1.3),
      cycle('P1d', '`fields`, the first one come or gone', shifted, 1.3),
      cycle('P2a', 'whole objects, one per line, 1 in 10 reconciled since the last', lines, 0.6),
      cycle('P2b', 'whole objects, no newlines, 1 in 10 reconciled', whole, 0.6),
      cycle('P2c', 'whole objects, no newlines, all reconciled', wholeAll, 0.6),
      delay('P3a', '`fields`', ofFields),
      delay('P3b', 'whole objects', [lines, whole, wholeAll]),
      await idleMemory(`${server.url}/fields`),
    ];
  } finally {
    server.stop();
  }
}
const cycle = (id: string, what: string, { ours, bare }: Compared, goal: number): Row => ({
  id,
  what: `poll cycle, 10,000 applications, ${what}`,
  baseline: 'undici request + JSON.parse of the same bytes',
  unit: 'ms',
  ours: ours.ms,
  bare: bare.ms,
  goal,
});
const longest = (all: readonly Compared[], of: 'ours' | 'bare'): number => Math.max(...all.map((c) => c[of].stallMs));
const delay = (id: string, what: string, all: readonly Compared[]): Row => ({
  id,
  what: `longest event-loop delay in it, ${what}`,
  baseline: 'absolute',
  unit: 'ms',
  ours: longest(all, 'ours'),
  goal: 50,
  note: `bare: ${longest(all, 'bare').toFixed(0)} ms`,
});
async function compared(url: string, rounds: number, garbage: 'all' | 'young'): Promise<Compared> {
  const operator = await BenchOperator.start(url);
  const dispatcher = new Agent({ connections: 1, pipelining: 1 });
  const bare = async (): Promise<void> => {
    const { body } = await request(url, { dispatcher });
    const { items } = JSON.parse(await body.text()) as { readonly items: readonly unknown[] };
    if (items.length < APPLICATIONS - 1) throw new Error('half');
  };
  try {
    return await interleaved(() => operator.pollCycle(), bare, rounds, garbage);
  } finally {
    await operator.close();
    await dispatcher.close();
  }
}
/** P5: what stays in the heap of an operator that has listed ten thousand applications, all of them idle. */
async function idleMemory(url: string): Promise<Row> {
  const operator = await BenchOperator.start(url);
  collectGarbage();
  const before = process.memoryUsage();
  for (let i = 0; i < 3; i++) await operator.pollCycle();
  collectGarbage();
  const after = process.memoryUsage();
  const held = after.heapUsed - before.heapUsed;
  if (operator.known !== APPLICATIONS) throw new Error(`only ${operator.known} applications are known`);
  await operator.close();
  return {
    id: 'P5',
    what: 'memory per idle watched application',
    baseline: 'absolute',
    unit: 'bytes',
    ours: held / APPLICATIONS,
    goal: 600,
  };
}
