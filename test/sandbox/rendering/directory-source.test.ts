import { expect } from 'chai';
import { configMap, failureOf, render } from './memory-commit.js';

const names = async (rendering: ReturnType<typeof render>): Promise<readonly unknown[]> =>
  (await rendering).manifests.map((manifest) => (manifest['metadata'] as { readonly name: string }).name);

const FILES = {
  'app/b.yaml': configMap('b'),
  'app/a.yml': `${configMap('a')}---\n${configMap('a2')}---\n`,
  'app/c.json': '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"}}',
  'app/notes.txt': 'not a manifest',
  'app/deeper/d.yaml': configMap('d'),
  'application/e.yaml': configMap('e'),
};

describe('renderDirectory', () => {
  it('takes yaml, yml and json of the folder itself, several documents in one file, and nothing else', async () => {
    expect(await names(render(FILES, 'app'))).to.deep.equal(['a', 'a2', 'b', 'c']);
    expect((await render(FILES, 'app/')).sourceType).to.equal('Directory');
  });
  it('goes deeper with recurse', async () => {
    expect(await names(render(FILES, 'app', { directory: { recurse: true } }))).to.deep.equal([
      'a',
      'a2',
      'b',
      'c',
      'd',
    ]);
  });
  it('narrows by include and exclude', async () => {
    expect(await names(render(FILES, 'app', { directory: { include: '{a.yml,*.json}' } }))).to.deep.equal([
      'a',
      'a2',
      'c',
    ]);
    const directory = { recurse: true, exclude: 'deeper/*' };
    expect(await names(render(FILES, 'app', { directory }))).to.not.include('d');
  });
  it('opens a List and skips a file that asks for it', async () => {
    const list =
      'apiVersion: v1\nkind: List\nitems:\n  - { apiVersion: v1, kind: ConfigMap, metadata: { name: in-list } }\n';
    const skipped = `# +argocd:skip-file-rendering\n${configMap('skipped')}`;
    expect(await names(render({ 'app/list.yaml': list, 'app/s.yaml': skipped }, 'app'))).to.deep.equal(['in-list']);
  });

  const faults: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
    ['a document without kind', { 'app/x.yaml': 'apiVersion: v1\nmetadata: { name: x }\n' }, "'Kind' is missing"],
    ['YAML that is not well formed', { 'app/x.yaml': 'a: [\n' }, 'app/x.yaml'],
    ['a Helm chart', { 'app/Chart.yaml': 'name: x\n' }, 'Helm'],
    ['jsonnet', { 'app/x.jsonnet': '{}' }, 'jsonnet'],
    ['a path that is not there', { 'other/x.yaml': configMap('x') }, 'app path does not exist'],
  ];
  for (const [what, files, words] of faults) {
    it(`fails for ${what}`, async () => {
      expect(await failureOf(render(files, 'app'))).to.contain(words);
    });
  }
  it('fails for sources beyond the subset, and names what is beyond it', async () => {
    expect(await failureOf(render(FILES, 'app', { helm: { values: 'a: 1' } }))).to.contain('helm');
    expect(await failureOf(render(FILES, 'app', { directory: { jsonnet: {} } }))).to.contain('jsonnet');
  });
});
