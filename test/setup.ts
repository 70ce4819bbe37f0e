import 'reflect-metadata';
import sinon from 'sinon';

// mocha re-emits rejections of user code without failing the test: without this they pass silently.
let rejected: unknown[] = [];
const onRejected = (reason: unknown): void => {
  rejected.push(reason);
};

// What a process leaks it says there, to whoever reads its log: at three in the morning.
const LEAKS = /^MaxListenersExceededWarning|on garbage collection/;
process.on('warning', (warning) => {
  if (LEAKS.test(`${warning.name}: ${warning.message}`)) rejected.push(warning);
});

export const mochaHooks: Mocha.RootHookObject = {
  beforeAll() {
    process.on('unhandledRejection', onRejected);
  },
  async afterEach() {
    sinon.restore();
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    const [first] = rejected;
    const count = rejected.length;
    rejected = [];
    if (count > 0) throw new Error(`${count} unhandled rejection(s) or leak(s) during the test`, { cause: first });
  },
};
