import { expect } from 'chai';
import { linkRows } from '../support/network-page.js';
import { filesUnder } from './source-files.js';

const SOURCES = filesUnder(['src/app', 'src/adapters', 'src/workflow'], ['.ts'])
  .map((file) => file.text)
  .join('\n');

describe('the page about broken links', () => {
  it('has a row for every link, and quotes the log and its codes as the code writes them', () => {
    const rows = linkRows();
    expect(rows.map((row) => row.link)).to.deep.equal([
      'etcd',
      'NATS',
      'Argo CD',
      'GitHub',
      'Kubernetes',
      'Prometheus',
      'Webhooks',
    ]);
    // `trouble with the ${of}` is put together from two parts.
    const known = `${SOURCES} trouble with the state store trouble with the event bus`;
    expect(SOURCES).to.include("troubleLog(logger, 'state store')").and.include("troubleLog(logger, 'event bus')");
    for (const { link, logWords, code } of rows) {
      expect(code, link).to.match(/^[A-Z]+_(?:UNREACHABLE|UNAVAILABLE|FAILED)$/);
      for (const words of logWords) expect(known, `${link}: ${words}`).to.include(words);
    }
    expect(rows.flatMap((row) => row.logWords)).to.have.length.greaterThan(6);
  });
});
