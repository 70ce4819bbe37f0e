import { expect } from 'chai';
import { configChanges } from '../../src/config/reload.js';
import { ConfigFolder, LEAST } from './config-folder.js';

describe('the tracing section', () => {
  const folder = new ConfigFolder();
  after(() => {
    folder.remove();
  });
  const withTracing = (yaml: string): string => `${LEAST}tracing: ${yaml}\n`;

  it('is absent unless it is written: off by default', () => {
    expect(folder.load(LEAST).config).not.to.have.property('tracing');
  });
  it('names the receiver, in the file or by a variable', () => {
    expect(folder.load(withTracing('{ otlpUrl: "http://collector:4318/" }')).config.tracing).to.deep.equal({
      otlpUrl: 'http://collector:4318',
    });
    const env = { AI_OPERATOR_TRACING__OTLP_URL: 'http://collector:4318' };
    expect(folder.load(LEAST, { env }).config.tracing).to.deep.equal({ otlpUrl: 'http://collector:4318' });
  });
  it('says what is wrong with it', () => {
    const wanted = 'write it like `http://otel-collector.observability:4318`';
    expect(folder.faults(withTracing('{ otlpUrl: "grpc://c:4317" }'))).to.deep.equal([
      `prod.yaml:6:12  tracing.otlpUrl: \`grpc://c:4317\` is not an http or https address; ${wanted}`,
    ]);
    expect(folder.faults(withTracing('{ otlpUrl: "http://me:secret@c" }'))).to.deep.equal([
      `prod.yaml:6:12  tracing.otlpUrl: an address must not hold credentials; ${wanted}`,
    ]);
    expect(folder.faults(withTracing('{}'))).to.have.length(1);
    expect(folder.faults(withTracing('{ otlpUrl: "http://c", endpoint: x }'))).to.have.length(1);
  });
  it('takes effect by a restart', () => {
    const changes = configChanges(
      folder.load(LEAST).config,
      folder.load(withTracing('{ otlpUrl: "http://c" }')).config,
    );
    expect(changes).to.deep.equal({ needRestart: ['tracing.otlpUrl'], live: [] });
  });
});
