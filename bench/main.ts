import { pollCycle } from './poll-cycle.js';
import { holds, valueOf } from './measure.js';
for (const row of await pollCycle()) console.log(row.id, row.ours.toFixed(1), row.bare?.toFixed(1), valueOf(row).toFixed(2), row.goal, holds(row), row.note ?? '');
