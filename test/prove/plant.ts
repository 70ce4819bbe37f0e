import { register } from 'node:module';
import { PLANTED_BUGS } from './planted-bugs.js';

// For `node --import`: PLANTED names the bug that this process shall have.
const bug = PLANTED_BUGS.find((b) => b.name === process.env['PLANTED']);
if (bug === undefined) throw new Error(`PLANTED: there is no bug ${process.env['PLANTED']}`);
register('./plant-loader.js', import.meta.url, { data: bug });
