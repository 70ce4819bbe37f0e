import { InMemoryStateStore } from '../../../src/adapters/memory/in-memory-state-store.js';
import type { MemoryShelf } from '../../../src/adapters/memory/memory-shelf.js';
import type { Clock } from '../../../src/base/clock.js';
import type { ApplicationKey } from '../../../src/model/application.js';
import type { StoredMark, StoredSpend, UnreadableMark, UnreadableSpend } from '../../../src/model/mark.js';

/** What stands in the store and cannot be read; the test changes it. */
export interface Unread {
  marks: readonly UnreadableMark[];
  spends: readonly UnreadableSpend[];
}
/** The memory store, which has no unreadable records, with those that a test wants. */
export class HalfReadStore extends InMemoryStateStore {
  constructor(
    shelf: MemoryShelf,
    clock: Pick<Clock, 'now'>,
    private readonly unread: Unread,
  ) {
    super(shelf, clock);
  }
  override async marks(app: ApplicationKey, now: number): Promise<readonly StoredMark[]> {
    return [...(await super.marks(app, now)), ...this.unread.marks.filter((m) => m.application === app)];
  }
  override async spends(since: number): Promise<readonly StoredSpend[]> {
    return [...(await super.spends(since)), ...this.unread.spends];
  }
}
