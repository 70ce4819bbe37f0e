import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { at, POD } from './deploy-files.js';

interface Instruction {
  readonly name: string;
  readonly rest: string;
}
type Reader = { readonly instructionsOf: (text: string) => readonly Instruction[] };

describe('the Dockerfile', () => {
  /** Its stages, each without its FROM; the last one is the image. */
  const stages: { readonly from: string; readonly steps: Instruction[] }[] = [];
  before(async () => {
    // As scripts/check-image reads it.
    const reader = pathToFileURL(path.resolve('scripts/dockerfile.mjs')).href;
    const { instructionsOf } = (await import(reader)) as Reader;
    for (const step of instructionsOf(readFileSync('Dockerfile', 'utf8'))) {
      if (step.name === 'FROM') stages.push({ from: step.rest, steps: [] });
      else stages.at(-1)?.steps.push(step);
    }
  });
  const image = (): readonly Instruction[] => stages.at(-1)?.steps ?? [];
  const all = (name: string, steps = image()): readonly string[] =>
    steps.filter((s) => s.name === name).map((s) => s.rest);

  it('builds in one stage and ships another, both of the same pinned Node with long-term support', () => {
    expect(stages.map((s) => s.from.split(' ').slice(1).join(' '))).to.deep.equal(['AS build', '']);
    const bases = [...new Set(stages.map((s) => s.from.split(' ')[0] ?? ''))];
    expect(bases).to.have.length(1);
    const [, major = ''] = /^node:(\d+)(?:\.\d+)*-bookworm-slim(?:@sha256:[0-9a-f]{64})?$/.exec(bases[0] ?? '') ?? [];
    expect(Number(major), bases[0]).to.be.at.least(20);
    expect(Number(major) % 2, 'odd majors get no long-term support').to.equal(0);
  });
  it('runs as a user who is not root, by number, the one that the pod demands', () => {
    const users = all('USER');
    expect(users).to.deep.equal([
      `${String(at(POD, 'securityContext.runAsUser'))}:${String(at(POD, 'securityContext.runAsGroup'))}`,
    ]);
    expect(users[0]).to.match(/^[1-9]\d*:[1-9]\d*$/);
    const last = image().findIndex((s) => s.name === 'USER');
    expect(
      image()
        .slice(last + 1)
        .map((s) => s.name),
    ).to.deep.equal(['EXPOSE', 'ENTRYPOINT', 'CMD']);
  });
  it('ships what was built and what that needs, without development dependencies, sources or anything fetched by itself', () => {
    expect(all('COPY')).to.deep.equal([
      '--from=build /app/package.json ./package.json',
      '--from=build /app/node_modules ./node_modules',
      '--from=build /app/dist ./dist',
      'LICENSE ./LICENSE',
    ]);
    expect([...all('RUN'), ...all('ADD')]).to.deep.equal([]);
    const commands = all('RUN', stages[0]?.steps).flatMap((run) => run.split('&&').map((c) => c.trim()));
    const installs = commands.filter((c) => /\bnpm (?:ci|i|install|add)\b/.test(c));
    for (const install of installs) expect(install).to.match(/^npm ci .*--ignore-scripts\b/);
    expect(installs.at(-1), 'the installation that is shipped').to.contain(' --omit=dev ');
    expect(commands.find((c) => c.startsWith('rm -rf dist'))).to.contain('dist/sandbox');
  });
  it('starts the program itself, so that a signal reaches it, and takes no secret as an argument of the build', () => {
    expect(all('ENTRYPOINT').map((e) => (JSON.parse(e) as readonly string[])[0])).to.deep.equal(['node']);
    expect(stages.flatMap((s) => all('ARG', s.steps))).to.deep.equal(['COMMIT=unknown']);
  });
});
