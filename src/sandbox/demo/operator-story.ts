import { cleanLine } from '../../base/clean-text.js';
import type { AttemptView } from '../../model/attempt-view.js';
import type { NoticeKind } from '../../model/notice-kind.js';
import type { RuleResult } from '../../model/rule-result.js';
import { isJsonObject } from '../json-path.js';
import { fieldOf } from './operator-log.js';
import type { OperatorLine } from './operator-log.js';
import { OPERATOR } from './rail-entry.js';
import type { RailDetail, RailEntry } from './rail-entry.js';

/** Notices that say more than the states do. */
const TOLD: readonly string[] = [
  'approval-needed',
  'brake-closed',
  'stale-failure',
  'rollback-of-rollback',
  'bad-version-returned',
  'aborted-too-late',
] satisfies readonly NoticeKind[];

/** `argocd/checkout` as people say it. */
export const shortName = (application: string): string => application.replace(/^argocd\//, '');

/** What a line of the operator's log tells people; undefined = nothing they need. */
export function operatorEntry(line: OperatorLine): RailEntry | undefined {
  const of = (name: string): string => fieldOf(line, name);
  const application = of('application');
  const told = { at: line.at, who: OPERATOR, ...(application === '' ? {} : { subject: shortName(application) }) };
  switch (line.msg) {
    case 'operator started':
      return { ...told, rank: 'event', text: `starts: ${modes(line)}` };
    case 'degradation detected':
      return { ...told, rank: 'state', text: 'DegradationDetected / confirming' };
    case 'observation dropped':
      return { ...told, rank: 'state', text: 'Idle: the observation is dropped', details: lines(of('why')) };
    case 'degraded application is not eligible':
      return { ...told, rank: 'step', text: `no rollback (${of('code')}): ${of('why')}` };
    case 'notice':
      return TOLD.includes(of('kind'))
        ? { ...told, rank: 'step', text: `notice: ${of('title')}`, details: lines(of('text')) }
        : undefined;
    default:
      return of('to') === '' ? troubleEntry(line, told) : moveEntry(line, told);
  }
}

type Told = Pick<RailEntry, 'at' | 'who' | 'subject'>;

function moveEntry(line: OperatorLine, told: Told): RailEntry {
  const [state = '', step] = fieldOf(line, 'to').split('/');
  const [stateBefore] = fieldOf(line, 'from').split('/');
  const why = fieldOf(line, 'why');
  if (state === 'Abort') return abortEntry(line, told, why);
  if (state === stateBefore) return { ...told, rank: 'step', text: `${step ?? state}: ${why}` };
  const mood = state === 'RollbackComplete' ? { mood: 'good' as const } : {};
  const text = [state, step].filter((part) => part !== undefined).join(' / ');
  return { ...told, ...mood, rank: 'state', text, details: lines(why) };
}

/** The log says the code of the reason before its sentence. Where the application healed by itself nothing went wrong. */
function abortEntry(line: OperatorLine, told: Told, why: string): RailEntry {
  const [, code = '', sentence = why] = /^([a-z-]+(?:\([^)]*\))?): (.*)$/s.exec(why) ?? [];
  const isPeaceful = code === 'recovered' || code === 'observed';
  const text = code === '' ? 'Abort' : `Abort: ${code}`;
  return {
    ...told,
    ...(isPeaceful ? {} : { mood: 'bad' }),
    rank: 'state',
    text,
    details: lines(fieldOf(line, 'meaning'), sentence),
  };
}

function troubleEntry(line: OperatorLine, told: Told): RailEntry | undefined {
  if (line.level !== 'warn' && line.level !== 'error') return undefined;
  const { error } = line.fields;
  const message =
    isJsonObject(error) && typeof error['message'] === 'string' ? error['message'] : fieldOf(line, 'warning');
  const mood = line.level === 'error' ? { mood: 'bad' as const } : {};
  return { ...told, ...mood, rank: 'step', text: `${line.level}: ${line.msg}`, details: lines(message) };
}

const lines = (...texts: readonly string[]): readonly RailDetail[] =>
  texts.filter((text) => text !== '').map((text) => ({ text }));

/** `mode auto in staging, propose in production`. */
function modes({ fields }: OperatorLine): string {
  const all = isJsonObject(fields['modes']) ? fields['modes'] : {};
  return `mode ${Object.entries(all)
    .map(([environment, mode]) => `${String(mode)} in ${environment}`)
    .join(', ')}`;
}

/** The rules as they were judged: all of them, or only those that do not hold. */
export function evaluationEntry(
  { at, evaluation, application }: Pick<AttemptView, 'evaluation' | 'application'> & { readonly at: number },
  whole: boolean,
): RailEntry | undefined {
  if (evaluation === undefined) return undefined;
  const all = [...evaluation.invariants, ...evaluation.guards];
  const held = all.filter((rule) => rule.verdict === 'pass').length;
  const told = new Set<string>();
  const shown = whole ? all : all.filter((rule) => rule.verdict !== 'pass');
  return {
    at,
    who: OPERATOR,
    subject: shortName(application),
    rank: 'step',
    text: `${held} of ${all.length} rules hold on ${evaluation.headSha.slice(0, 10)}`,
    details: shown.flatMap((rule) => ruleDetails(rule, told)),
  };
}

const LONGEST_REASON = 180;
/** What does not hold comes with its reason; one reason for several rules is said once. */
function ruleDetails({ id, verdict, value, reason }: RuleResult, told: Set<string>): readonly RailDetail[] {
  if (verdict === 'pass') return [{ label: id, verdict, text: value, cut: true }];
  const text = cleanLine(verdict === 'unknown' ? reason : `${value}; ${reason}`, LONGEST_REASON);
  if (told.has(text)) return [{ label: id, verdict, text: 'likewise' }];
  told.add(text);
  return [{ label: id, verdict, text }];
}

/** What the verdicts were, to see whether a later evaluation says anything new. */
export const verdictsOf = ({ evaluation }: Pick<AttemptView, 'evaluation'>): string =>
  evaluation === undefined
    ? ''
    : [
        evaluation.headSha,
        ...[...evaluation.invariants, ...evaluation.guards].map((r) => `${r.id} ${r.verdict}`),
      ].join();
