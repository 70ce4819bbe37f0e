import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { readEnvironment } from '../../src/config/environment-layer.js';

const MODULE = new URL('../../src/base/failpoint.js', import.meta.url).href;
const PASSING = `const { passFailpoint } = await import(${JSON.stringify(MODULE)});
  for (let n = 1; n < 4; n++) { passFailpoint('stored', 'here'); passFailpoint('acted', 'there'); passFailpoint('acted', 'here'); console.log(n); }`;
const pass = (env: NodeJS.ProcessEnv): { readonly signal: string | null; readonly said: string } => {
  const { signal, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', PASSING], { env });
  return { signal, said: stdout.toString() };
};

describe('a failpoint', () => {
  it('ends the process at the nth pass of the place and the step it names, when a test asks for it', () => {
    const env = { NODE_ENV: 'test', AI_OPERATOR_FAILPOINT: 'acted@here:3:kill' };
    expect(pass(env)).to.deep.equal({ signal: 'SIGKILL', said: '1\n2\n' });
  });
  it('does nothing outside a test, where its variable is refused like any unknown one', () => {
    const env = { NODE_ENV: 'production', AI_OPERATOR_FAILPOINT: 'acted@here:1:kill' };
    expect(pass(env)).to.deep.equal({ signal: null, said: '1\n2\n3\n' });
    expect(readEnvironment(env).faults).to.have.length(1);
    expect(readEnvironment({ ...env, NODE_ENV: 'test' }).faults).to.deep.equal([]);
  });
});
