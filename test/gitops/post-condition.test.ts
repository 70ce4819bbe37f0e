import { expect } from 'chai';
import {
  planRestore,
  plannedContent,
  postConditionViolation,
  satisfiesPostCondition,
} from '../../src/gitops/restore-plan.js';
import { expectClosure } from './closure-fixture.js';
import { GitRepository } from './git-repository.js';
import { type Files, type RestoreCase, expectPlan, prepareRestore } from './restore-fixture.js';

describe('post-condition of a restore', () => {
  let git: GitRepository;
  before(() => {
    git = new GitRepository();
  });
  after(() => {
    git.remove();
  });
  const c: RestoreCase = {
    good: { 'apps/web/a': 'good', x: '1' },
    bad: { 'apps/web/a': 'bad', 'apps/web/n': '1', x: '1' },
  };
  async function violation(files: Files): Promise<string | undefined> {
    const { head, input, close } = await prepareRestore(git, c);
    const plan = expectPlan(planRestore(input));
    const result = git.commit(files);
    const candidateClosure = expectClosure(input.candidateClosure);
    const check = { plan, result, resultClosure: await close(result), head, candidateClosure };
    expect(satisfiesPostCondition(check)).to.equal(postConditionViolation(check) === undefined);
    return postConditionViolation(check);
  }

  it('holds for exactly the planned result', async () => {
    expect(await violation({ 'apps/web/a': 'good', x: '1' })).to.equal(undefined);
  });
  it('fails when a file of the candidate did not come back', async () => {
    expect(await violation({ 'apps/web/a': 'bad', x: '1' })).to.match(/apps\/web\/a is not what it was/);
  });
  it('fails when a file of the bad version is left behind', async () => {
    expect(await violation({ 'apps/web/a': 'good', 'apps/web/n': '1', x: '1' })).to.match(/apps\/web\/n/);
  });
  it('fails when any other file was touched, added or lost', async () => {
    expect(await violation({ 'apps/web/a': 'good', x: '2' })).to.match(/^x differs/);
    expect(await violation({ 'apps/web/a': 'good', x: '1', y: '1' })).to.match(/^y differs/);
    expect(await violation({ 'apps/web/a': 'good' })).to.match(/^x differs/);
  });
  it('fails when the closure of the result cannot be computed', async () => {
    expect(await violation({ x: '1' })).to.match(/cannot be computed/);
  });
  it('fails on another head than the planned one', async () => {
    const { head, candidate, input } = await prepareRestore(git, c);
    const plan = expectPlan(planRestore(input));
    const candidateClosure = expectClosure(input.candidateClosure);
    const other = { ...head, revision: candidate.revision };
    const check = {
      plan,
      result: plannedContent(head, plan),
      resultClosure: candidateClosure,
      head: other,
      candidateClosure,
    };
    expect(postConditionViolation(check)).to.match(/stands on/);
  });
});
