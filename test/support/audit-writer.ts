import { FileAuditLog } from '../../src/adapters/file/file-audit-log.js';
import { SystemClock } from '../../src/base/clock.js';
import { entryOf } from './audit.js';

/**
 * A process of its own that writes to an audit log: `node audit-writer.js <directory> <key file> <from> <count>`. Prints each
 * acknowledged witness as `ack <n> <witness>` and then waits for a line on standard input: `close`, `more` (one record) or the
 * end, on which it leaves without closing the log.
 */
const [directory = '', signingKeyFile = '', from = '1', count = '1'] = process.argv.slice(2);
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const log = new FileAuditLog({
  directory,
  signingKeyFile,
  clock: new SystemClock(),
  print: say,
  onTrouble: (error) => say(`trouble ${error.message}`),
});
let next = Number(from);
const append = async (): Promise<void> => {
  const n = next++;
  say(`ack ${n} ${await log.append(entryOf(n))}`);
};
for (let i = 0; i < Number(count); i++) await append();
say('ready');
process.stdin.setEncoding('utf8');
for await (const command of process.stdin as AsyncIterable<string>) {
  if (command.includes('more')) await append();
  if (command.includes('close')) {
    await log.close();
    say('closed');
    break;
  }
}
process.exit(0);
