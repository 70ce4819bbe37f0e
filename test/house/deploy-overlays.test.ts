import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { CONTAINER, list, loadOverlay, namedFiles, OVERLAYS, POD, read } from './deploy-files.js';
import { filesUnder } from './source-files.js';

describe('the overlays of deploy/', () => {
  const readme = readFileSync('deploy/README.md', 'utf8');

  for (const overlay of OVERLAYS) {
    const folder = `deploy/overlays/${overlay}`;
    const kustomization = read(`${folder}/kustomization.yaml`);

    it(`embed a configuration that loads: ${overlay}`, () => {
      const { config, warnings } = loadOverlay(overlay);
      expect([config.instance, warnings]).to.deep.equal([overlay, []]);
      expect(config.audit.directory).to.match(/^\/var\/lib\/ai-operator\//);
      expect(config.killFile).to.match(/^\/var\/lib\/ai-operator\//);
      expect([config.httpMetrics.port, config.httpMetrics.host, config.http.port]).to.deep.equal([
        9090,
        '0.0.0.0',
        8080,
      ]);
    });
    it(`embed the shipped one: config/${overlay}.yaml`, () => {
      const below = (file: string): string => readFileSync(file, 'utf8').split('\n').slice(1).join('\n');
      expect(below(`${folder}/config.yaml`)).to.equal(below(`config/${overlay}.yaml`));
      expect(readFileSync(`${folder}/config.yaml`, 'utf8').split('\n')[0]).to.equal(
        '# yaml-language-server: $schema=../../../config/schema.json',
      );
    });
    it(`mount the configuration and every secret it names, each said in the README: ${overlay}`, () => {
      const [generator] = list(kustomization['configMapGenerator']);
      expect(list(POD['volumes'])[0]).to.deep.equal({ name: 'config', configMap: { name: generator?.['name'] } });
      const named = namedFiles(readFileSync(`${folder}/config.yaml`, 'utf8'));
      expect(named.length).to.be.greaterThan(6);
      const mounts = list(CONTAINER['volumeMounts']).map((m) => String(m['mountPath']));
      for (const file of named) {
        expect(mounts, file).to.include(path.dirname(file));
        const row = readme
          .split('\n')
          .find((line) => line.startsWith(`| \`ai-operator-${path.basename(path.dirname(file))}\``));
        expect(row, file).to.contain(`\`${path.basename(file)}\``);
      }
    });
    it(`name an image that stays what it is, of this version: ${overlay}`, () => {
      const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };
      const [image] = list(kustomization['images']);
      expect(image?.['name']).to.equal(CONTAINER['image']);
      expect(image).to.include({ newTag: version });
      expect(
        filesUnder(['deploy'], ['.yaml'])
          .filter((f) => f.text.includes(':latest'))
          .map((f) => f.path),
      ).to.deep.equal([]);
    });
  }
});
