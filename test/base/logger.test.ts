import { Writable } from 'node:stream';
import { expect } from 'chai';
import { OperatorError } from '../../src/base/errors.js';
import {
  closeLogger,
  createLogger,
  enrichLogger,
  setLogLevel,
  type Logger,
  type LoggerSettings,
} from '../../src/base/logger.js';
import { Secret } from '../../src/base/secret.js';

const NOW = Date.parse('2026-03-01T12:00:01.250Z');

class Sink extends Writable {
  text = '';
  isTTY = false;
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    setImmediate(done); // as slow as a pipe: what is not awaited at the end is lost
  }
}

async function logged(
  act: (logger: Logger) => void,
  settings: Partial<LoggerSettings> = {},
  sink = new Sink(),
): Promise<string> {
  const logger = createLogger({ level: 'debug', format: 'json', now: () => NOW, ...settings }, sink);
  act(logger);
  await closeLogger(logger);
  return sink.text;
}
async function record(fields: Record<string, unknown>): Promise<Record<string, unknown>> {
  return JSON.parse(await logged((l) => l.info('a message', fields))) as Record<string, unknown>;
}

describe('Logger', () => {
  it('writes one JSON line with time, level, message and fields', async () => {
    const text = await logged((l) =>
      l.warn('a pull request could not be closed', { number: 7, app: 'argocd/checkout' }),
    );
    expect(text).to.equal(
      '{"ts":"2026-03-01T12:00:01.250Z","level":"warn","msg":"a pull request could not be closed","number":7,"app":"argocd/checkout"}\n',
    );
  });

  it('adds the fields of a child to each of its lines, and lets a line override them', async () => {
    const text = await logged((l) => {
      const child = l.child({ correlationId: 'c-1', step: 'planning' }).child({ app: 'argocd/a' });
      child.info('first');
      child.info('second', { step: 'resolving' });
    });
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map(({ msg, correlationId, step, app }) => ({ msg, correlationId, step, app }))).to.deep.equal([
      { msg: 'first', correlationId: 'c-1', step: 'planning', app: 'argocd/a' },
      { msg: 'second', correlationId: 'c-1', step: 'resolving', app: 'argocd/a' },
    ]);
  });

  it('lets all children, also those made before, say more by what a line says', async () => {
    const text = await logged((l) => {
      const child = l.child({ correlationId: 'c-1' });
      enrichLogger(l, ({ correlationId }) =>
        typeof correlationId === 'string' ? { trace_id: `t ${correlationId}` } : {},
      );
      child.info('about an attempt');
      l.info('about none');
    });
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map((line) => line['trace_id'])).to.deep.equal(['t c-1', undefined]);
  });

  it('leaves out what is below its level, also after the level was changed', async () => {
    const text = await logged(
      (l) => {
        const child = l.child({});
        child.info('unheard');
        child.warn('heard');
        setLogLevel(l, 'debug');
        child.debug('heard later');
      },
      { level: 'warn' },
    );
    expect(text.match(/"msg":"[^"]+"/g)).to.deep.equal(['"msg":"heard"', '"msg":"heard later"']);
  });

  it('keeps message, code, category and the whole chain of causes of an error', async () => {
    const root = new Error('socket closed');
    const error = new OperatorError('GITHUB_UNREACHABLE', 'transient', 'GitHub cannot be reached', {
      cause: root,
      status: 502,
    });
    const { error: seen } = await record({ error });
    const { stack, cause, ...rest } = seen as Record<string, unknown>;
    expect(rest).to.deep.equal({
      name: 'OperatorError',
      code: 'GITHUB_UNREACHABLE',
      category: 'transient',
      status: 502,
      message: 'GitHub cannot be reached',
    });
    expect((stack as string[])[0]).to.match(/logger\.test/);
    expect(cause).to.include({ name: 'Error', message: 'socket closed' });
  });

  it('does not change the error it logs, and does not show what HTTP clients hang on theirs', async () => {
    const error = Object.assign(new Error('refused'), {
      request: { headers: { authorization: 'Bearer abcdefgh12345678' } },
    });
    const { error: seen } = await record({ error });
    expect(Object.keys(seen as object)).to.deep.equal(['name', 'message', 'stack']);
    expect(Object.keys(error)).to.deep.equal(['request']);
  });

  it('survives circles, depth, big integers, maps, getters that throw and numbers that are none', async () => {
    const circle: Record<string, unknown> = { name: 'a' };
    circle['self'] = circle;
    const cause = new Error('outer');
    cause.cause = cause;
    const deep = { a: { b: { c: { d: { e: { f: { g: { h: 1 } } } } } } } };
    const trap = Object.defineProperty({}, 'x', {
      enumerable: true,
      get: () => {
        throw new Error('no');
      },
    });
    const seen = await record({
      circle,
      deep,
      trap,
      big: 12345678901234567890n,
      map: new Map([['k', 1]]),
      set: new Set([1]),
      nan: Number.NaN,
      nothing: undefined,
      none: null,
      at: new Date(NOW),
      bytes: Buffer.from('secret'),
      url: new URL('https://a.example/b'),
      call: () => 1,
      sign: Symbol('s'),
      selfCause: cause,
    });
    const { selfCause, ...rest } = seen;
    expect((selfCause as { cause: unknown }).cause).to.equal('[circular]');
    expect(rest).to.deep.equal({
      ts: '2026-03-01T12:00:01.250Z',
      level: 'info',
      msg: 'a message',
      circle: { name: 'a', self: '[circular]' },
      deep: { a: { b: { c: { d: { e: { f: '[deep]' } } } } } },
      trap: { x: '[unreadable]' },
      big: '12345678901234567890',
      map: { k: 1 },
      set: [1],
      nan: 'NaN',
      none: null,
      at: '2026-03-01T12:00:01.250Z',
      bytes: '[6 bytes]',
      url: 'https://a.example/b',
      call: '[function]',
      sign: '[symbol]',
    });
  });

  it('takes out secrets by the name of the key, at any depth, and secret values themselves', async () => {
    const seen = await record({
      token: 'x',
      privateKey: 'x',
      nested: { Authorization: 'x', list: [{ password: 'x' }] },
      tokenFile: '/run/secrets/token',
      held: new Secret('x'),
    });
    expect(seen).to.deep.include({
      token: '[redacted]',
      privateKey: '[redacted]',
      nested: { Authorization: '[redacted]', list: [{ password: '[redacted]' }] },
      tokenFile: '/run/secrets/token',
      held: '[redacted]',
    });
  });

  it('takes out secrets by their shape in messages, values, keys and causes', async () => {
    const secret = `ghp_${'a1B2'.repeat(9)}`;
    const text = await logged((l) =>
      l.error(`with ${secret}`, {
        a: [`x ${secret}`],
        [secret]: 1,
        error: new Error('outer', { cause: new Error(`inner ${secret}`) }),
      }),
    );
    expect(text).to.not.contain(secret);
    expect(text.match(/\[redacted\]/g)).to.have.length(4);
  });

  it('lets no value forge a line or paint the terminal', async () => {
    const evil = 'a\r\n{"level":"error","msg":"forged"}\u001b[2J\u001b]0;title\u0007\u2028b\u202e';
    for (const format of ['json', 'text'] as const) {
      const text = await logged((l) => l.info(evil, { [evil]: evil, error: new Error(evil) }), { format });
      expect(text.replaceAll(/\n( {4}Error: .*|  {8}at .*)?/g, '')).to.not.match(/[\p{Cc}\u2028\u202e]/u);
      expect(text.split('\n').filter((line) => line.startsWith('{"level":"error"'))).to.deep.equal([]);
    }
  });

  it('does not let a field stand in for the time, the level or the message', async () => {
    const seen = await record({ ts: 1, level: 'error', msg: 'other', message: 'kept' });
    expect(seen).to.deep.equal({
      ts: '2026-03-01T12:00:01.250Z',
      level: 'info',
      msg: 'a message',
      field_ts: 1,
      field_level: 'error',
      field_msg: 'other',
      message: 'kept',
    });
  });

  it('cuts texts and lists that are too long to be read', async () => {
    const { text, list } = await record({ text: 'y'.repeat(10_000), list: Array.from({ length: 200 }, (_, i) => i) });
    expect(text).to.match(/^y{8192}\.\.\. \(10000 characters\)$/);
    expect((list as unknown[]).slice(99)).to.deep.equal([99, '... (200 entries)']);
  });

  it('writes a text for people on a terminal, with errors and their causes below the line', async () => {
    const sink = new Sink();
    const error = new Error('refused', { cause: new Error('closed') });
    const text = await logged(
      (l) => l.warn('no answer', { app: 'argocd/a', why: 'two words', tries: 3, error }),
      { format: 'text' },
      sink,
    );
    expect(text.replaceAll(/( {8}at .*\n)+/g, '        at ...\n')).to.equal(
      '12:00:01.250Z WARN  no answer  app=argocd/a why="two words" tries=3\n    Error: refused\n        at ...\n    caused by Error: closed\n        at ...\n',
    );
  });

  it('chooses by itself: text on a terminal, JSON lines elsewhere', async () => {
    const terminal = new Sink();
    terminal.isTTY = true;
    const onTerminal = await logged((l) => l.info('hello'), { format: 'auto' }, terminal);
    const elsewhere = await logged((l) => l.info('hello'), { format: 'auto' });
    expect(onTerminal.replaceAll(/\P{ASCII}|\p{Cc}\[\d+m/gu, '')).to.equal('12:00:01.250Z INFO  hello\n');
    expect(elsewhere).to.match(/^\{"ts":/);
  });

  it('paints nothing when NO_COLOR is set', async () => {
    const terminal = new Sink();
    terminal.isTTY = true;
    const before = process.env['NO_COLOR'];
    process.env['NO_COLOR'] = '1';
    try {
      expect(await logged((l) => l.info('hello'), { format: 'auto' }, terminal)).to.equal(
        '12:00:01.250Z INFO  hello\n',
      );
    } finally {
      if (before === undefined) delete process.env['NO_COLOR'];
      else process.env['NO_COLOR'] = before;
    }
  });

  it('has written every line when closing is done, and is silent afterwards', async () => {
    const sink = new Sink();
    const logger = createLogger({ level: 'info', format: 'json' }, sink);
    for (let i = 0; i < 2_000; i++) logger.info('line', { i });
    await closeLogger(logger);
    logger.info('too late');
    await closeLogger(logger);
    expect(sink.text.trim().split('\n')).to.have.length(2_000);
  });

  it('outlives a reader that went away', async () => {
    const sink = new Sink();
    const logger = createLogger({ level: 'info', format: 'json' }, sink);
    sink.destroy(new Error('EPIPE'));
    logger.info('nobody hears this');
    await closeLogger(logger);
    expect(sink.text).to.equal('');
  });
});
