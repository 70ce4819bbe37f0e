import { expect } from 'chai';
import fc from 'fast-check';
import type { AttemptView } from '../../../src/model/attempt-view.js';
import { viewOf } from '../../../src/model/attempt-view.js';
import { attemptInBody } from '../../../src/stages/4-proposal/body/footer.js';
import {
  MAX_BODY_LENGTH,
  pullRequestBody,
  pullRequestTitle,
} from '../../../src/stages/4-proposal/pull-request-body.js';
import { attemptId, T0 } from '../../support/attempt-parts.js';
import { abortedFrom, attemptAt, attemptIn, everyAttempt } from '../../support/attempts.js';
import { expectGolden } from '../../support/golden.js';
import { HOSTILE_TEXTS } from '../../support/hostile-texts.js';
import { BODY_CASES, withForeignText } from './body-cases.js';

const FACTS = { now: T0 + 200_000, version: '0.1.0', instance: 'ai-operator-0', development: false, storeKind: 'etcd' };
const anyText = fc.oneof(fc.constantFrom(...HOSTILE_TEXTS), fc.string({ unit: 'binary', maxLength: 60 }));
/** What a line is to Markdown: heading, quote, row, item, rule, comment or prose. */
const skeleton = (body: string): readonly string[] =>
  body.split('\n').map((line) => /^(?:#+ |> \[!|> |\| |- |---$|<!-- |<sub>|$)/.exec(line)?.[0] ?? 'prose');
const bars = (body: string): readonly number[] =>
  body
    .split('\n')
    .filter((l) => l.startsWith('|'))
    .map((l) => l.split('|').length);

describe('the body of a rollback pull request', () => {
  for (const [name, view, facts] of BODY_CASES) {
    it(`reads well: ${name}`, () => {
      expectGolden(`test/stages/4-proposal/golden/${name}.md`, pullRequestBody(view, { ...FACTS, ...facts }));
    });
  }

  it('can be written for every state and step there is, within the limit, with one marker', () => {
    for (const attempt of everyAttempt()) {
      const body = pullRequestBody(viewOf(attempt), FACTS);
      expect(body.length).to.be.below(MAX_BODY_LENGTH);
      expect(attemptInBody(body)).to.equal(attempt.id);
    }
  });
  it('says how to stop the rollback as long as there is something to stop, and not afterwards', () => {
    for (const attempt of everyAttempt()) {
      const view = viewOf(attempt);
      expect(pullRequestBody(view, FACTS).includes('How to stop it')).to.equal(view.end === undefined, view.state);
    }
  });
  it('keeps its structure whatever foreign text says', () => {
    const view = viewOf(attemptAt('waiting-for-human'));
    const plain = pullRequestBody(
      withForeignText(view, () => 'plain'),
      FACTS,
    );
    fc.assert(
      fc.property(anyText, (text) => {
        const body = pullRequestBody(
          withForeignText(view, () => text),
          FACTS,
        );
        expect(skeleton(body)).to.deep.equal(skeleton(plain));
        expect(bars(body)).to.deep.equal(bars(plain));
        expect(attemptInBody(body)).to.equal(view.id);
      }),
    );
  });
  it('keeps its structure whatever foreign text says about an end', () => {
    const view = viewOf(
      abortedFrom(attemptAt('waiting-for-human'), 'ci-failed', { stop: { by: 'x', via: 'comment', why: 'y', at: T0 } }),
    );
    const plain = pullRequestBody(
      withForeignText(view, () => 'plain'),
      FACTS,
    );
    fc.assert(
      fc.property(anyText, (text) => {
        expect(
          skeleton(
            pullRequestBody(
              withForeignText(view, () => text),
              FACTS,
            ),
          ),
        ).to.deep.equal(skeleton(plain));
      }),
    );
  });
  it('never holds the name of somebody to be notified, or an issue to be closed', () => {
    for (const text of HOSTILE_TEXTS) {
      const body = pullRequestBody(
        withForeignText(viewOf(attemptAt('waiting-for-human')), () => text),
        FACTS,
      );
      expect(body).not.to.match(
        /@(?:octocat|acme|dependabot)|(?<!&)#\d+|:\/\/evil|\]\((?!https:\/\/github\.com\/acme\/gitops\/commit\/)/,
      );
    }
  });
  it('takes out what looks like a secret from what pods say', () => {
    const view = viewOf(attemptIn('PRCreated'));
    const diagnosis = [
      {
        pod: 'p',
        container: 'c',
        reason: 'Error',
        message: 'login failed: password=hunter2hunter2 token ghp_0123456789abcdefghij',
        restarts: 1,
      },
    ];
    const body = pullRequestBody({ ...view, diagnosis }, FACTS);
    expect(body).not.to.match(/hunter2|ghp_/);
  });
  it('stays within the limit however much there is to say, and keeps what matters', () => {
    const relaxations = Array.from({ length: 300 }, () => '|'.repeat(500));
    const huge = { ...enormous(viewOf(attemptAt('waiting-for-human'))), relaxations };
    const body = pullRequestBody(huge, FACTS);
    expect(body.length).to.be.at.most(MAX_BODY_LENGTH);
    for (const part of ['A person must decide', 'What happens next', 'How to stop it', 'Correlation id'])
      expect(body).to.contain(part);
    expect(attemptInBody(body)).to.equal(huge.id);
  });
});

describe('the marker of a rollback pull request', () => {
  const marker = (id: string): string => `<!-- ai-operator:attempt=${id} v1 -->`;
  it('is read back, also after GitHub changed the line ends', () => {
    expect(attemptInBody(`text\r\n${marker(attemptId(3))}\r\n`)).to.equal(attemptId(3));
  });
  it('is not believed when there are two, or none, or it stands inside a line', () => {
    expect([
      attemptInBody(`${marker('a')}\n${marker('b')}`),
      attemptInBody('nothing'),
      attemptInBody(`see ${marker('a')}`),
    ]).to.deep.equal([undefined, undefined, undefined]);
  });
});

describe('the title of a rollback pull request', () => {
  it('names application, environment and both versions', () => {
    expect(pullRequestTitle(viewOf(attemptIn('PRCreated')))).to.equal(
      'Rollback argocd/shop (staging): bbbbbbbbbb to aaaaaaaaaa',
    );
  });
  it('holds nothing a shell, a mention, a CI system or Markdown could act on', () => {
    for (const text of HOSTILE_TEXTS) {
      const title = pullRequestTitle(withForeignText(viewOf(attemptIn('PRCreated')), () => text));
      expect(title).to.match(/^Rollback [A-Za-z0-9._/-]+ \(staging\): [A-Za-z0-9._/-]+ to [A-Za-z0-9._/-]+$/);
      expect(title.length).to.be.below(250);
    }
  });
});

function enormous(view: AttemptView): AttemptView {
  const long = '<@|`'.repeat(500);
  const many = <T>(list: readonly T[]): readonly T[] => Array.from({ length: 2_000 }, () => list).flat();
  const big = withForeignText(view, () => long);
  return {
    ...big,
    bad: { ...big.bad, revisions: many([long]) },
    table: many(big.table),
    diagnosis: many(big.diagnosis),
    barredBy: many(['x', long]),
    modeLoweredBy: many([long]),
    ...(big.pullRequest === undefined
      ? {}
      : { pullRequest: { ...big.pullRequest, files: many(big.pullRequest.files) } }),
  };
}
