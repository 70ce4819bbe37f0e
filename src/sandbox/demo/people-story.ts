import type { TimelineAction } from '../scenario/timeline-schema.js';

/** Something on a scenario's timeline in words. */
export interface ToldAction {
  readonly who: string;
  readonly text: string;
  readonly detail?: string;
}
const WORLD = 'world';
const SERVER_NAMES: Readonly<Record<string, string>> = {
  github: 'GitHub',
  argocd: 'Argo CD',
  kubernetes: 'Kubernetes',
  prometheus: 'Prometheus',
};
const serverName = (server: string): string => SERVER_NAMES[server] ?? server;
const REVIEWS = { APPROVED: 'approves it', CHANGES_REQUESTED: 'requests changes', COMMENTED: 'comments in a review' };

/** What of the timeline the repository and the pull requests do not show by themselves. Undefined = they do. */
export function toldAction(action: TimelineAction): ToldAction | undefined {
  switch (action.action) {
    case 'push':
    case 'open-pull-request':
    case 'merge':
    case 'close':
    case 'push-to-pull-request':
      return undefined;
    case 'review':
      return { who: action.by, text: `reviews the pull request: ${REVIEWS[action.state]}` };
    case 'comment':
      return { who: action.by, text: 'comments on the pull request', detail: action.body };
    case 'label':
      return { who: action.by, text: `labels the pull request ${action.label}` };
    case 'unlabel':
      return { who: WORLD, text: `the label ${action.label} is taken off the pull request` };
    case 'break':
      return {
        who: serverName(action.server),
        text: `from now on every request${pattern(action)}: ${FAULTS[action.fault.kind]}`,
      };
    case 'heal':
      return { who: serverName(action.server), text: 'answers again' };
    case 'fault': {
      const count = action.times === 1 ? 'request' : `${action.times} requests`;
      return {
        who: serverName(action.server),
        text: `the next ${count}${pattern(action)}: ${FAULTS[action.fault.kind]}`,
      };
    }
    case 'change-application':
      return { who: WORLD, text: `${action.application}: ${changes(action)}` };
    case 'remove-application':
      return { who: WORLD, text: `${action.application} is deleted` };
    case 'refresh':
      return { who: WORLD, text: `${action.application} is refreshed` };
    case 'sync':
      return { who: WORLD, text: `somebody presses Sync on ${action.application}` };
    case 'break-image':
      return { who: WORLD, text: imageWords(action.image, action.failure) };
    case 'change-world':
      return { who: WORLD, text: changes(action) };
  }
}

/** `image X is broken: CrashLoopBackOff`. */
export const imageWords = (image: string, failure: string | null): string =>
  failure === null ? `image ${image} works again` : `image ${image} is broken: ${failure}`;

const FAULTS = {
  'lose-before': 'lost, without effect',
  'lose-after': 'the answer is lost after the effect',
  status: 'refused',
  slow: 'answered late',
  garbage: 'answered with garbage',
  huge: 'answered with far too much',
  hang: 'never answered',
} as const;

/** ` POST /git/refs` of a method and a regular expression for the path. */
function pattern({
  method,
  path,
}: {
  readonly method?: string | undefined;
  readonly path?: string | undefined;
}): string {
  return [method, path?.replaceAll(/[$^]/g, '')].map((part) => (part === undefined ? '' : ` ${part}`)).join('');
}

/** Names and values of what is changed. */
function changes({ action: _action, application: _application, switches, ...rest }: ChangeAction): string {
  return Object.entries({ ...switches, ...rest })
    .flatMap(([name, value]: [string, unknown]) => (value === undefined ? [] : [changeWords(name, value)]))
    .join(', ');
}
function changeWords(name: string, value: unknown): string {
  const spoken = SWITCHES[name];
  const isOff = value === false || value === null || (Array.isArray(value) && value.length === 0);
  if (spoken !== undefined)
    return `${spoken}${isOff ? ' no more' : ''}${typeof value === 'string' ? `: ${value}` : ''}`;
  return `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`;
}
const SWITCHES: Readonly<Record<string, string>> = {
  refreshIgnored: 'refreshes are ignored',
  frozen: 'its controller stands still',
  doomed: 'no version gets healthy',
  staysRedOnceDegraded: 'once Degraded, no version gets healthy',
  flapping: 'it falls ill and recovers by itself',
  operationHeld: 'its sync hangs',
  syncFailure: 'its syncs fail',
  resourceHealthHidden: 'the health of its resources is hidden',
};
type ChangeAction = {
  readonly action: string;
  readonly application?: string;
  readonly switches?: object | undefined;
} & object;
