import { spawnSync } from 'node:child_process';
import { expect } from 'chai';

describe('the command', () => {
  it('ends with its exit code though something still keeps the process, a timer of a library for one', function () {
    this.timeout(60_000);
    const forEver = 'data:text/javascript,setInterval(()=>{},1_000)';
    for (const [argument, code] of [
      ['version', 0],
      ['no-such-command', 2],
    ] as const) {
      const { status } = spawnSync(process.execPath, ['--import', forEver, 'dist/main.js', argument], {
        timeout: 30_000,
      });
      expect(status).to.equal(code);
    }
  });
});
