import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { AccessTokens } from '../../../src/surface/http/access-tokens.js';
import { failureOf } from '../../support/failure.js';
import { sha256Hex } from './api-client.js';

const messageOf = (text: string): string => {
  try {
    AccessTokens.parse(text, 'tokens.yaml');
    return 'accepted';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

describe('the tokens file', () => {
  it('is YAML or JSON and gives each token its owner and role', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'tokens-'));
    try {
      await writeFile(
        join(directory, 'tokens.yaml'),
        `- name: maria\n  role: approver\n  sha256: ${sha256Hex('secret-of-maria').toUpperCase()}\n`,
      );
      const tokens = await AccessTokens.load(join(directory, 'tokens.yaml'));
      expect(tokens.authenticate('bearer secret-of-maria')).to.deep.equal({ name: 'maria', role: 'approver' });
      expect(tokens.authenticate('Bearer secret-of-mario')).to.equal(undefined);
      expect(await failureOf(AccessTokens.load(join(directory, 'none.yaml')))).to.equal(
        'HTTP_TOKENS_UNREADABLE config',
      );
    } finally {
      await rm(directory, { recursive: true });
    }
  });
  it('is refused with the place of every fault', () => {
    const message = messageOf(
      JSON.stringify([
        { name: 'a b', role: 'root', sha256: 'plain-token' },
        { name: 'x', role: 'viewer', sha256: sha256Hex('x'), token: 'x' },
      ]),
    );
    for (const part of ['tokens.yaml', '[0].name', '[0].role', '[0].sha256', '[1]']) expect(message).to.contain(part);
  });
  it('is refused when it is empty, holds a name or token twice, the hash of nothing, or is no list', () => {
    const one = { name: 'a', role: 'viewer', sha256: sha256Hex('a') };
    const texts = [
      '',
      '[]',
      'a: b',
      '{',
      JSON.stringify([one, one]),
      JSON.stringify([one, { ...one, name: 'b' }]),
      JSON.stringify([{ ...one, sha256: sha256Hex('') }]),
    ];
    expect(texts.filter((t) => messageOf(t) === 'accepted')).to.deep.equal([]);
  });
  it('never repeats what stands in it', () => {
    expect(messageOf(JSON.stringify([{ name: 'a', role: 'viewer', sha256: 'my-plain-token' }]))).not.to.contain(
      'my-plain-token',
    );
  });
});
