import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { publicKeyFileOf } from '../../../src/adapters/file/audit-signing-key.js';
import { verifyAudit } from '../../../src/adapters/file/audit-verify.js';
import { findWitness } from '../../../src/adapters/file/checkpoint-line.js';
import { isOpen, type RollbackAttempt } from '../../../src/model/rollback-attempt.js';
import { TRANSITIONS } from '../../../src/model/transitions.js';
import { applied, decisions, ownPullRequests, unless, type Evidence } from './evidence.js';

/** An effect that was intended has an outcome in the audit log, and the outcome is what GitHub holds. */
export function outcomeLater(e: Evidence): readonly string[] {
  const merged = applied(e, 'PUT', /\/pulls\/\d+\/merge$/).length > 0;
  return e.world.attempts.flatMap(({ id }) => [
    ...outcomeOf(e, id, 'intent-pr', 'pull-request', ownPullRequests(e).length > 0),
    ...outcomeOf(e, id, 'intent-merge', 'merge', merged),
    ...outcomeOfClosing(e, id),
  ]);
}
function outcomeOf(e: Evidence, id: string, step: string, effect: string, isThere: boolean): readonly string[] {
  const isIntended = decisions(e).some(({ record }) => record.attempt === id && record.text.includes(`/${step}: `));
  if (!isIntended) return [];
  const last = e.said.findLast(({ record }) => record.kind === 'outcome' && record.subject === `${id}:${effect}`);
  if (last === undefined) return [`the intent to ${effect} has no outcome`];
  const { text } = last.record;
  return unless(
    isDone(text) === isThere,
    `the ${effect} is ${isThere ? '' : 'not '}there and its outcome says: ${text}`,
  );
}

/** A closing is no step: it is announced under its own name, each time before it is asked for. */
function outcomeOfClosing(e: Evidence, id: string): readonly string[] {
  const own = e.said.map(({ record }) => record).filter(({ subject }) => subject === `${id}:close`);
  const last = own.at(-1);
  if (last === undefined) return [];
  if (last.kind === 'decision') return ['the announced close has no outcome'];
  const isClosed = ownPullRequests(e).every(({ state }) => state === 'closed');
  return unless(
    isDone(last.text) === isClosed,
    `the pull request is ${isClosed ? '' : 'not '}closed and the outcome of its close says: ${last.text}`,
  );
}
const isDone = (text: string): boolean => /^(?:done|found in place)/.test(text);

/** What etcd took for an attempt, version by version, is a path of the transition table; an end is an end. */
export function legalPath({ stored }: Evidence): readonly string[] {
  return [...stored.attempts.values()].flatMap((versions) =>
    versions.flatMap(({ value }, n) => {
      const before = versions[n - 1]?.value;
      if (n > 0 && before === undefined) return ['an attempt that was forgotten came back'];
      if (value === undefined) return unless(before?.state === 'DegradationDetected', `forgotten in ${before?.state}`);
      return [
        ...unless(value.version === (before?.version ?? 0) + 1, `version ${before?.version} became ${value.version}`),
        ...unless(isLegal(before, value), `${before?.state ?? 'Idle'} became ${value.state}`),
      ];
    }),
  );
}
const isLegal = (before: RollbackAttempt | undefined, next: RollbackAttempt): boolean =>
  before?.state === next.state ||
  TRANSITIONS.some((t) => (t.from as readonly string[]).includes(before?.state ?? 'Idle') && t.to === next.state);

/** Whatever etcd ever held is over in the end, or was dismissed in words; and the daemons' answers agree. */
export function nothingLost(e: Evidence): readonly string[] {
  const dismissed = new Set(
    decisions(e)
      .filter(({ record }) => record.text.includes(' -> Idle: '))
      .map(({ record }) => record.attempt),
  );
  const stored = [...e.stored.attempts].flatMap(([id, versions]) => {
    const last = versions.at(-1)?.value;
    if (last === undefined) return unless(dismissed.has(id), `the attempt ${id} was forgotten, and nobody said so`);
    return unless(!isOpen(last), `the attempt ${id} is ${last.state} in etcd`);
  });
  const shown = e.world.attempts.flatMap(({ id }) => unless(e.stored.attempts.has(id), `etcd never held ${id}`));
  return [...stored, ...shown];
}

/** At no revision of etcd two attempts of one application. */
export function oneActive({ stored }: Evidence): readonly string[] {
  const active = new Map<string, string>();
  return stored.below('active').flatMap(({ key, text }) => {
    const present = active.get(key);
    if (text === undefined) active.delete(key);
    else active.set(key, text);
    return unless(text === undefined || present === undefined || present === text, `${text} beside ${present}`);
  });
}

/** Whoever was replaced writes no more: the records behind the stored versions come from ever later processes, and from none before the present writer. */
export function fenced(e: Evidence): readonly string[] {
  const bootOf = new Map(e.said.map(({ record, boot }) => [`${record.n}:${record.hash}`, boot]));
  const writersBefore = (revision: number): number =>
    new Set(e.stored.takeOvers.filter((t) => t.revision < revision).map((t) => t.text)).size;
  // Died before its first record, or took over twice because no answer came: which of them it was nobody can tell.
  const silent = Math.max(0, writersBefore(Infinity) - new Set(bootOf.values()).size);
  let newest = 0;
  return e.stored.versions.flatMap(({ id, revision, value }) => {
    const boot = value?.witness === undefined ? undefined : bootOf.get(value.witness);
    if (value === undefined) return [];
    // Duties done keep the witness of the end: who stored that they are done is not in the record.
    if (
      !isOpen(value) &&
      e.stored.attempts.get(id)?.some((v) => v.revision < revision && v.value?.state === value.state)
    )
      return [];
    if (boot === undefined) return [`version ${value.version} is in etcd, and its record is not in the audit log`];
    const writers = writersBefore(revision);
    const isStale = boot < newest || boot + 1 + silent < writers;
    newest = Math.max(newest, boot);
    return unless(!isStale, `process ${boot} wrote version ${value.version} after ${writers} had become the writer`);
  });
}

/** Goes by itself when its time is over: a mark, a spend, a closed attempt. */
const MORTAL: ReadonlySet<string> = new Set(['marks', 'spends', 'attempts']);
/** Written with a version of an attempt and never alone: whose hand that was, `fenced` knows. */
const WITH_ATTEMPT: ReadonlySet<string> = new Set(['active', 'owed', 'spends']);

/** Every key of ours, whatever it is of, is written while there is a writer; and who may not move an attempt writes nothing beside it. */
export function onlyInATerm({ stored }: Evidence): readonly string[] {
  const moved = new Set(stored.below('attempts').map(({ revision }) => revision));
  let isHeld = false;
  return stored.changes.flatMap((change) => {
    const { key, revision, text } = change;
    const kind = stored.kindOf(change);
    if (kind === 'leader') {
      isHeld = text !== undefined;
      return [];
    }
    if (text === undefined && MORTAL.has(kind)) return [];
    return [
      ...unless(isHeld, `${key} was written while nobody was the writer`),
      ...unless(!WITH_ATTEMPT.has(kind) || moved.has(revision), `${key} was written without a version of an attempt`),
    ];
  });
}

/** As `audit verify` does it, with the newest checkpoint that any of the processes printed. */
export async function chainIntact({ world }: Evidence): Promise<readonly string[]> {
  const publicKey = await readFile(publicKeyFileOf(join(world.auditFolder, 'signing-key.pem')), 'utf8');
  const witness = findWitness(world.children.map((child) => child.printed).join('\n'));
  if (witness === undefined) return ['no checkpoint was ever printed'];
  const report = await verifyAudit(world.auditFolder, { publicKey, witness });
  return unless(report.ok, `the audit log does not hold: ${report.statement} ${JSON.stringify(report.problems)}`);
}
