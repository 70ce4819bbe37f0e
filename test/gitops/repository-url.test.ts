import { expect } from 'chai';
import fc from 'fast-check';
import {
  normaliseRepositoryUrl,
  parseRepositoryUrl,
  sameRepository,
  sameRepositoryUrl,
} from '../../src/gitops/repository-url.js';

const name = fc
  .stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,12}(?:\.[A-Za-z0-9]{1,4})?$/)
  .filter((n) => !/\.git$/i.test(n));
const spellings = (owner: string, repo: string): readonly string[] => [
  `https://github.com/${owner}/${repo}`,
  `https://github.com/${owner}/${repo}.git`,
  `https://github.com/${owner}/${repo}.git/`,
  `https://user:secret@GitHub.com:443/${owner}/${repo}`,
  `http://github.com//${owner}/${repo}`,
  `ssh://git@github.com/${owner}/${repo}.git`,
  `ssh://git@ssh.github.com:443/${owner}/${repo}.git`,
  `git@github.com:${owner}/${repo}.git`,
  `git@github.com:/${owner}/${repo}`,
  `github.com:${owner}/${repo}.GIT`,
  `git://github.com/${owner}/${repo}`,
  ` https://github.com/${owner.toUpperCase()}/${repo}?x=1#y `,
];

describe('repository URLs', () => {
  it('are one spelling however they are written, and stay it when normalised again', () => {
    fc.assert(
      fc.property(name, name, (owner, repo) => {
        const forms = spellings(owner, repo).map(normaliseRepositoryUrl);
        expect(new Set(forms)).to.deep.equal(new Set([`github.com/${owner}/${repo}`.toLowerCase()]));
        for (const form of forms) expect(normaliseRepositoryUrl(form)).to.equal(form);
      }),
    );
  });

  it('give owner and name as they are spelled, and no part of the credentials', () => {
    expect(parseRepositoryUrl('https://u:s3cret@GHE.example.com:8443/Org/Repo.git')).to.deep.equal({
      host: 'ghe.example.com',
      owner: 'Org',
      name: 'Repo',
    });
    expect(parseRepositoryUrl('git@github.com:Org/re.po')).to.include({ owner: 'Org', name: 're.po' });
  });

  it('are one repository over any port of the same host: a port says how, not which', () => {
    expect(sameRepositoryUrl('ssh://git@ghe.example.com:2222/o/r', 'https://ghe.example.com:8443/o/r.git')).to.equal(
      true,
    );
  });

  it('of different repositories, owners or hosts are never the same', () => {
    const urls = ['https://github.com/a/b', 'https://github.com/a/c', 'https://github.com/b/b', 'https://ghe.io/a/b'];
    for (const [i, a] of urls.entries()) {
      for (const [j, b] of urls.entries()) expect(sameRepositoryUrl(a, b)).to.equal(i === j);
    }
  });

  it('that are no GitHub repository are not parsed', () => {
    for (const url of [
      '',
      'owner/repo',
      '/srv/git/repo.git',
      'file:///srv/git/a/b',
      'oci://ghcr.io/org/chart',
      'https://gitlab.com/group/sub/repo',
      'https://github.com/only-owner',
      'https://charts.example.com',
      'git@github.com:../repo',
    ]) {
      expect(parseRepositoryUrl(url), url).to.equal(undefined);
    }
  });

  it('of another scheme equal nothing but themselves', () => {
    expect(sameRepositoryUrl('oci://ghcr.io/org/chart', 'https://ghcr.io/org/chart')).to.equal(false);
    expect(sameRepositoryUrl('oci://ghcr.io/org/chart', 'OCI://GHCR.io/org/chart')).to.equal(true);
  });

  it('never throw, whatever is written', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        parseRepositoryUrl(text);
        expect(normaliseRepositoryUrl(text)).to.be.a('string');
      }),
    );
  });

  it('name the same repository as an id does, whatever the case', () => {
    expect(sameRepository({ owner: 'Org', name: 'App' }, { owner: 'org', name: 'app' })).to.equal(true);
    expect(sameRepository({ owner: 'org', name: 'app' }, { owner: 'org', name: 'app2' })).to.equal(false);
  });
});
