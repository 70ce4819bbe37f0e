import { expect } from 'chai';
import { afterReload, configChanges } from '../../src/config/reload.js';
import { ConfigFolder, LEAST } from './config-folder.js';

describe('a reload of the configuration', () => {
  const folder = new ConfigFolder();
  after(() => {
    folder.remove();
  });
  const config = (more = '', env = {}) => folder.load(`${LEAST}${more}`, { env }).config;

  it('finds nothing to change when nothing changed', () => {
    expect(configChanges(config(), config())).to.deep.equal({ needRestart: [], live: [] });
  });

  it('tells what takes effect from what needs a restart', () => {
    const running = config('log: { level: info }\n', {
      AI_OPERATOR_PROMETHEUS__URL: 'https://p',
      AI_OPERATOR_PROMETHEUS__TOKEN: 'a',
    });
    const reloaded = config('log: { level: debug, format: json }\ntiming: { syncTimeout: 5m }\nhttp: { port: 1 }\n');
    expect(configChanges(running, reloaded)).to.deep.equal({
      needRestart: ['prometheus.url', 'prometheus.token', 'http.port', 'log.format'],
      live: ['timing.syncTimeout', 'log.level'],
    });
    expect(afterReload(running, reloaded)).to.deep.equal({
      ...running,
      timing: { ...running.timing, syncTimeout: 300_000 },
      log: { level: 'debug', format: 'auto' },
    });
  });

  it('does not take up a connection that was not there at the start', () => {
    const reloaded = config('prometheus: { url: https://p }\n');
    expect(configChanges(config(), reloaded).needRestart).to.deep.equal(['prometheus.url']);
    expect(afterReload(config(), reloaded)).to.deep.equal(config());
  });
});
