import { expect } from 'chai';
import fc from 'fast-check';
import { commitMessage, parseCommitMessage } from '../../src/gitops/commit-message.js';

const sha = fc.stringMatching(/^[0-9a-f]{40}$/);
const trailers = fc.record({ rollbackOf: sha, rollbackTo: sha, attempt: fc.uuid() });
const one = { rollbackOf: 'b'.repeat(40), rollbackTo: '0'.repeat(40), attempt: '6f1c2d3e-0000-4000-8000-000000000001' };

describe('commit message', () => {
  it('is a fixed text with three ids in it', () => {
    expect(commitMessage(one)).to.equal(
      [
        'Roll back bbbbbbbbbb to 0000000000',
        '',
        'Restores the files that the application renders from to their earlier',
        'state. Every other file stays as it is.',
        '',
        `Rollback-Of: ${one.rollbackOf}`,
        `Rollback-To: ${one.rollbackTo}`,
        `Rollback-Attempt: ${one.attempt}`,
        '',
      ].join('\n'),
    );
  });

  it('is read back as it was built, also after a squash merge with CRLF and another title', () => {
    fc.assert(
      fc.property(trailers, (t) => {
        const message = commitMessage(t);
        expect(parseCommitMessage(message)).to.deep.equal(t);
        const squashed = `Rollback of web (#12)\n\n* ${message}\nCo-authored-by: x\n`.replaceAll('\n', '\r\n');
        expect(parseCommitMessage(squashed)).to.deep.equal(t);
      }),
    );
  });

  it('takes nothing from outside: an id of another form is refused', () => {
    fc.assert(
      fc.property(fc.constantFrom('rollbackOf', 'rollbackTo', 'attempt'), fc.string(), (field, text) => {
        expect(() => commitMessage({ ...one, [field]: text }))
          .to.throw()
          .with.property('code', 'COMMIT_MESSAGE_INVALID');
        expect(() => commitMessage({ ...one, [field]: `${one.rollbackOf}\n${text}` })).to.throw();
      }),
    );
  });

  it('with a trailer missing, malformed, indented or doubled with another value says nothing', () => {
    const message = commitMessage(one);
    for (const bad of [
      '',
      'Roll back',
      message.replace('Rollback-Of', 'Rolled-Of'),
      message.replace(one.rollbackTo, 'abc'),
      message.replace('Rollback-Attempt', '  Rollback-Attempt'),
      `${message}Rollback-To: ${'1'.repeat(40)}\n`,
    ]) {
      expect(parseCommitMessage(bad), bad).to.equal(undefined);
    }
    expect(parseCommitMessage(message + message)).to.deep.equal(one);
  });
});
