import { expect } from 'chai';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { ConfigError } from '../../src/config/faults.js';
import { KEY_TREE, leaves, type KeyNode } from '../../src/config/key-tree.js';
import { ConfigFolder } from './config-folder.js';

const junk = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.string()),
  fc.dictionary(fc.string(), fc.integer()),
  fc.constantFrom('10s', '1', 'auto', 'https://a.example', '30%', '__proto__', '/dev/null'),
);
/** Something for every key, mostly nonsense. */
function anything(node: KeyNode): fc.Arbitrary<unknown> {
  const inside = [...node.children].map(([key, child]) => [key, anything(child)] as const);
  if (node.kind === 'group')
    return fc.oneof(
      { weight: 4, arbitrary: fc.record(Object.fromEntries(inside), { requiredKeys: [] }) },
      { weight: 1, arbitrary: junk },
    );
  return node.item === undefined ? junk : fc.oneof(junk, fc.array(anything(node.item), { maxLength: 3 }));
}

describe('the configuration, given anything', () => {
  const folder = new ConfigFolder();
  after(() => {
    folder.remove();
  });
  const survives = (act: () => unknown): boolean => {
    try {
      act();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      expect(error.faults).to.not.have.length(0);
    }
    return true;
  };

  it('loads or lists its faults, whatever the file holds', () => {
    fc.assert(
      fc.property(anything(KEY_TREE), (content) => survives(() => folder.load(stringify(content)))),
      { numRuns: 40 },
    );
  });
  it('loads or lists its faults, whatever text the file is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => survives(() => folder.load(text))),
      { numRuns: 40 },
    );
  });
  it('loads or lists its faults, whatever file and variables say together', () => {
    const env = fc.dictionary(fc.constantFrom(...leaves(KEY_TREE).map((leaf) => leaf.variable)), fc.string(), {
      maxKeys: 5,
    });
    fc.assert(
      fc.property(anything(KEY_TREE), env, (content, variables) =>
        survives(() => folder.load(stringify(content), { env: variables })),
      ),
      { numRuns: 40 },
    );
  });
});
