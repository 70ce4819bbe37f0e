import { Agent, request } from 'undici';
import { BenchOperator } from './bench-operator.js';
import { ListServer } from './list-server.js';
import { collectGarbage, interleaved, type Row } from './measure.js';

const ROUNDS = 9;
const APPLICATIONS = 10_000;

/** P1, P2, P3: a poll cycle over ten thousand applications beside the bare request and parse of the same bytes. */
export async function pollCycle(): Promise<readonly Row[]> {
  const server = await ListServer.start();
  try {
    const fields = await compared(`${server.url}/fields`);
    const lines = await compared(`${server.url}/whole-lines`);
    const whole = await compared(`${server.url}/whole`);
    const baseline = 'undici request + JSON.parse of the same bytes';
    const note = (bare: { readonly stallMs: number }): string => `bare: ${bare.stallMs.toFixed(0)} ms`;
    return [
      { id: 'P1', what: 'poll cycle, 10,000 applications, `fields`', baseline, unit: 'ms', ours: fields.ours.ms, bare: fields.bare.ms, goal: 1.3 },
      { id: 'P2a', what: 'poll cycle, whole objects, one per line', baseline, unit: 'ms', ours: lines.ours.ms, bare: lines.bare.ms, goal: 0.6 },
      { id: 'P2b', what: 'poll cycle, whole objects, no newlines', baseline, unit: 'ms', ours: whole.ours.ms, bare: whole.bare.ms, goal: 0.6 },
      { id: 'P3a', what: 'longest event-loop delay, `fields`', baseline: 'absolute', unit: 'ms', ours: fields.ours.stallMs, goal: 50, note: note(fields.bare) },
      { id: 'P3b', what: 'longest event-loop delay, whole objects', baseline: 'absolute', unit: 'ms', ours: Math.max(lines.ours.stallMs, whole.ours.stallMs), goal: 50, note: note(whole.bare) },
      await idleMemory(`${server.url}/fields`),
    ];
  } finally {
    server.stop();
  }
}
async function compared(url: string): ReturnType<typeof interleaved> {
  const operator = await BenchOperator.start(url);
  const dispatcher = new Agent({ connections: 1, pipelining: 1 });
  try {
    return await interleaved(
      () => operator.pollCycle(),
      async () => {
        const { body } = await request(url, { dispatcher });
        if ((JSON.parse(await body.text()) as { items: unknown[] }).items.length !== APPLICATIONS) throw new Error('half');
      },
      ROUNDS,
    );
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
  return { id: 'P5', what: 'memory per idle watched application', baseline: 'absolute', unit: 'bytes', ours: held / APPLICATIONS, goal: 600 };
}
