import type { TcpProxy } from '../../support/tcp-proxy.js';

/** What the daemon is connected to. */
export const LINKS = ['etcd', 'nats', 'argocd', 'github', 'kubernetes', 'prometheus', 'webhook'] as const;
export type LinkName = (typeof LINKS)[number];

/** What is done to a link. */
export const FAULTS = [
  'request lost',
  'answer lost',
  'request late',
  'reset mid-answer',
  'refused',
  'slow',
  'in pieces',
  'half an answer',
] as const;
export type FaultName = (typeof FAULTS)[number];

/** What `slow` adds to each direction. */
const SLOW_MS = 400;

/** Begins a fault; it lasts until `heal`. */
export function inflict(fault: FaultName, proxy: TcpProxy): void {
  switch (fault) {
    case 'request lost':
      return proxy.drop('up');
    case 'answer lost':
      return proxy.drop('down');
    case 'request late':
      return proxy.hold('up');
    case 'reset mid-answer':
      return proxy.spoil('cut', 'down');
    case 'refused':
      return proxy.refuse();
    case 'slow':
      return proxy.delay(SLOW_MS);
    case 'in pieces':
      return proxy.spoil('slice', 'up', 'down');
    case 'half an answer':
      return proxy.spoil('half', 'down');
  }
}
/** Ends a fault. What was held stays held, its callers are told to give up: `releaseLate` lets it arrive. */
export function heal(fault: FaultName, proxy: TcpProxy): void {
  if (fault === 'request late') proxy.strand({ reset: true });
  else proxy.heal();
}

/** The first request on a link that fits: there a fault begins. */
type Moment = RegExp;
/** Only transactions name `leader` beside an attempt. */
const TRANSACTION: Moment = /\/leader[^]*\/attempts\/|\/attempts\/[^]*\/leader/;
/** For each link moments in the order in which every rollback passes them; the last one serves for all that follow. */
const MOMENTS: Readonly<Record<LinkName, readonly [Moment, ...Moment[]]>> = {
  etcd: [TRANSACTION],
  nats: [/PUB ai-operator\./],
  argocd: [/^GET [^ ]*\/applications\/checkout-staging/, /^GET [^ ]*\/applications\/checkout-staging\?[^ ]*refresh=/],
  github: [/^POST [^ ]*\/pulls /, /^PUT [^ ]*\/merge /],
  kubernetes: [/^GET [^ ]*\/deployments\//],
  prometheus: [/^(?:GET|POST) [^ ]*\/query/],
  webhook: [/^POST /],
};

/** A link and a fault. */
export interface Cell {
  readonly link: LinkName;
  readonly fault: FaultName;
}
export const nameOf = ({ link, fault }: Cell): string => `${link}: ${fault}`;

/** One fault at its moment. `ending`: `term` = the daemon is asked to end meanwhile, `heal` = the fault ends and it goes on. */
export interface Episode extends Cell {
  readonly at: Moment;
  readonly ending: 'term' | 'heal';
}
/** The episodes of each link, one after the other; the links side by side. */
export type Plan = Partial<Readonly<Record<LinkName, readonly Episode[]>>>;

/** Long enough without Prometheus, a candidate rests on CI alone and people have to merge: a run of its own. */
const LEAVES_TO_PEOPLE: readonly FaultName[] = ['refused', 'reset mid-answer'];
const leavesToPeople = ({ link, fault }: Cell): boolean => link === 'prometheus' && LEAVES_TO_PEOPLE.includes(fault);

function episodes(link: LinkName, fault: FaultName, endings: readonly Episode['ending'][]): readonly Episode[] {
  const [first, last = first] = MOMENTS[link];
  return endings.map((ending, n) => ({ link, fault, at: n === 0 ? first : last, ending }));
}
/** One fault on every link at once. A daemon is asked to end under it twice; `turn` chooses the link of the first time. */
function everywhere(fault: FaultName, turn: number): Plan {
  const links = LINKS.filter((link) => !leavesToPeople({ link, fault }));
  const early = links.filter((link) => link !== 'github');
  const endsAt = early[turn % early.length];
  return Object.fromEntries(
    links.map((link) => {
      const usual: readonly Episode['ending'][] = link === 'github' ? ['heal', 'term'] : ['heal'];
      return [link, episodes(link, fault, link === endsAt ? ['term', 'heal'] : usual)];
    }),
  );
}
/** Every effect on GitHub that must not happen twice, carried out, and its answer lost. */
const LOST_ANSWERS: Plan = {
  github: [/^POST [^ ]*\/git\/refs /, /^POST [^ ]*\/pulls /, /^PUT [^ ]*\/merge /].map((at) => ({
    link: 'github',
    fault: 'answer lost',
    at,
    ending: 'heal',
  })),
};
/** Every cell, in few runs. */
export const QUICK_PLANS: readonly Plan[] = [
  LOST_ANSWERS,
  ...FAULTS.map(everywhere),
  ...LEAVES_TO_PEOPLE.map((fault): Plan => ({ prometheus: episodes('prometheus', fault, ['heal']) })),
];
/**
 * Every cell by itself, met by a daemon that is asked to end and by one that goes on: in one run, unless the first time
 * may be the last. Prometheus is asked once for a rollback, and again only if the end came before the answer was used.
 */
export const SINGLE_PLANS: readonly Plan[] = LINKS.flatMap((link) =>
  FAULTS.flatMap((fault): readonly Plan[] => {
    const runs: readonly (readonly Episode['ending'][])[] =
      link === 'prometheus' ? [['term'], ['heal']] : [['term', 'heal']];
    return runs.map((endings) => ({ [link]: episodes(link, fault, endings) }));
  }),
);
export const cellsOf = (plan: Plan): readonly string[] => [
  ...new Set(Object.values(plan).flatMap((track) => track.map(nameOf))),
];
