import { BOT, type FakePullRequest } from '../support/fakes/fake-github.js';
import type { FaultWorld } from './fault-world.js';
import { Told } from './told.js';

/** What the parts of the judge share: the world, what was told to whom, and the list of violations. */
export class Bench {
  readonly violations: string[] = [];
  readonly told = new Told();
  calls = 0;
  /** Then times of before and after it say nothing about what came first. */
  clockJumped = false;
  /** The call that arrives at this moment was made long ago. */
  late = false;
  everLate = false;
  constructor(readonly world: FaultWorld) {}
  /** Nobody has pushed to it: what people pushed to is theirs, and left alone. */
  isOurs(pr: FakePullRequest): boolean {
    const { git } = this.world.github;
    return git.commit(git.head(pr.headBranch)).authorLogin === BOT.login;
  }
  violate(property: string, what: string): void {
    this.violations.push(`${property}: ${what}`);
  }
}
