import { register } from 'node:module';
import { KILL_BUGS } from './kill/sabotage.js';
import { PLANTED_BUGS } from './planted-bugs.js';

// For `node --import`: PLANTED names the bug that this process shall have.
const bug = [...PLANTED_BUGS, ...KILL_BUGS].find((b) => b.name === process.env['PLANTED']);
if (bug === undefined) throw new Error(`PLANTED: there is no bug ${process.env['PLANTED']}`);
register('./plant-loader.js', import.meta.url, { data: bug });
