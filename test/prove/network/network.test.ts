import { expect } from 'chai';
import { hasEtcd, startEtcd } from '../../support/real-etcd.js';
import { hasNats, startNats } from '../../support/real-nats.js';
import { linkRows } from '../../support/network-page.js';
import type { Lane } from '../kill/kill-world.js';
import { CellRun, type EpisodeResult } from './cell-run.js';
import { cellsOf, nameOf, QUICK_PLANS, SINGLE_PLANS, type Plan } from './cells.js';
import { judge } from './network-judge.js';
import { NetworkWorld } from './network-world.js';
import { Tally } from './tally.js';

/** A run costs mostly waiting. */
const AT_ONCE = Number(process.env['NETWORK_AT_ONCE'] ?? 4);
/** `NETWORK_CELLS=each` lets every cell run by itself (`npm run prove`); `NETWORK_CELL='github: answer lost'` only that one. */
const CELL = process.env['NETWORK_CELL'];
/** One of the few runs that have every cell between them, by its number, to see it again. */
const QUICK_PLAN = process.env['NETWORK_PLAN'];
const ONLY = CELL ?? QUICK_PLAN;
const PLANS = chosenPlans();

function chosenPlans(): readonly Plan[] {
  if (CELL !== undefined) return SINGLE_PLANS.filter((plan) => cellsOf(plan).includes(CELL));
  if (QUICK_PLAN !== undefined) return QUICK_PLANS.filter((_plan, n) => `${n}` === QUICK_PLAN);
  return process.env['NETWORK_CELLS'] === 'each' ? SINGLE_PLANS : QUICK_PLANS;
}

describe('each network link breaks in each way, with GitHub, git and the audit log as the judges', () => {
  it('never does anything twice or unannounced, stays alive, ends when asked, and goes on or waits aloud', async function () {
    if (!hasEtcd() || !hasNats()) this.skip();
    expect(PLANS, 'there is no such cell or plan').to.not.deep.equal([]);
    this.timeout(PLANS.length * 120_000 + 240_000);
    const [etcd, nats] = await Promise.all([startEtcd(), startNats()]);
    const tally = new Tally();
    const waiting = [...PLANS];
    const began = Date.now();
    try {
      const workers = Array.from({ length: AT_ONCE }, async () => {
        for (let plan = waiting.shift(); plan !== undefined; plan = waiting.shift())
          await runOne(plan, { etcd, nats }, tally);
      });
      await Promise.allSettled(workers);
      await Promise.all(workers);
    } finally {
      await Promise.all([etcd.server.close(), nats.server.close()]);
    }
    console.info(`      ${PLANS.length} runs in ${Math.round((Date.now() - began) / 1_000)} s\n${tally.table}`);
    expect(tally.failures, tally.failures.join('\n\n')).to.deep.equal([]);
    if (ONLY !== undefined) return;
    expect(tally.unmet, 'cells that nothing was spoiled in').to.deep.equal([]);
    // The rest of the page's words are heard only when a link is away for longer.
    expect([...tally.said]).to.include.members(BRIEF.flatMap((link) => wordsOf(link)));
    expect([...tally.said]).to.include('trouble with the state store');
  });
});

/** Links whose every word of `docs/network.md` is heard though they are broken for a moment only. */
const BRIEF = ['NATS', 'Argo CD', 'GitHub', 'Webhooks'];
const wordsOf = (link: string): readonly string[] => linkRows().find((row) => row.link === link)?.logWords ?? [];

async function runOne(plan: Plan, lane: Lane, tally: Tally): Promise<void> {
  const world = await NetworkWorld.start(lane);
  const run = new CellRun(world);
  const wrong: string[] = [];
  const began = Date.now();
  try {
    const merges = await run.run(plan);
    wrong.push(...(await judge(world.inner, run.course, merges)));
    for (const { episode, spoiled } of run.results)
      if (spoiled === 0) wrong.push(`${nameOf(episode)} (${episode.ending}) spoiled nothing`);
  } catch (error) {
    wrong.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    await world.close();
  }
  tally.take(run.results, wrong.length === 0);
  const names = cellsOf(plan);
  if (process.env['NETWORK_VERBOSE'] !== undefined) {
    const head = `${wrong.length === 0 ? 'ok' : 'FAILED'} ${Date.now() - began} ms ${wrong.join(' | ').slice(0, 600)}`;
    console.info([head, ...run.results.map(lineOf)].join('\n'));
  }
  if (wrong.length === 0) return;
  const quick = QUICK_PLANS.indexOf(plan);
  const which = quick === -1 ? `NETWORK_CELL='${names[0]}'` : `NETWORK_PLAN=${quick}`;
  const again = `${which} npx mocha --no-config --require build/test/setup.js build/test/prove/network/network.test.js`;
  tally.failures.push([names.join(', '), ...wrong, `again: ${again}`].join('\n'));
}

function lineOf({ episode, spoiled, endedAfterMs, ready, said }: EpisodeResult): string {
  const what = `   ${nameOf(episode)} ${episode.ending}: spoiled ${spoiled}, ready ${ready ?? 'no answer'}`;
  return `${what}${endedAfterMs === undefined ? '' : `, ended after ${endedAfterMs} ms`}; ${said.join('; ')}`;
}
