import type { ApplicationKey } from '../../model/application.js';
import type { ApplicationMark, PauseScope, Spend } from '../../model/mark.js';
import type { AttemptId } from '../../model/rollback-attempt.js';
import type { BaselineScope } from '../../ports/state-store.js';

/** The layout is `/ai-operator/v1/<instance>/...`; a segment that holds a slash or anything odd is percent-encoded. */
const enc = encodeURIComponent;

/** The keys of one operator. */
export class StoreKeys {
  /** Everything of this operator, with a slash at its end. */
  readonly root: string;
  constructor(instance: string) {
    this.root = `/ai-operator/v1/${enc(instance)}/`;
  }
  get leader(): string {
    return `${this.root}leader`;
  }
  /** What `doctor` writes and removes. */
  get probe(): string {
    return `${this.root}doctor`;
  }
  /** The prefix of all records of a kind. */
  all(kind: 'attempts' | 'active' | 'owed' | 'marks' | 'spends' | 'baselines' | 'pauses'): string {
    return `${this.root}${kind}/`;
  }
  attempt(id: AttemptId): string {
    return `${this.root}attempts/${enc(id)}`;
  }
  active(application: ApplicationKey): string {
    return `${this.root}active/${enc(application)}`;
  }
  owed(id: AttemptId): string {
    return `${this.root}owed/${enc(id)}`;
  }
  checks(application: ApplicationKey): string {
    return `${this.root}checks/${enc(application)}`;
  }
  ledger(application: ApplicationKey): string {
    return `${this.root}ledger/${enc(application)}`;
  }
  marksOf(application: ApplicationKey): string {
    return `${this.all('marks')}${enc(application)}/`;
  }
  mark(mark: Pick<ApplicationMark, 'kind' | 'application' | 'attempt'>): string {
    return `${this.marksOf(mark.application)}${mark.kind}/${enc(mark.attempt)}`;
  }
  /** The application whose `marksOf` a key is below, whatever its record holds; undefined = of none. */
  applicationOf(key: string): ApplicationKey | undefined {
    const [segment = '', rest = ''] = key.slice(this.all('marks').length).split('/', 2);
    const application = applicationIn(segment);
    return application !== undefined && enc(application) === segment && rest !== '' ? application : undefined;
  }
  spend(spend: Pick<Spend, 'kind' | 'attempt'>): string {
    return `${this.all('spends')}${spend.kind}/${enc(spend.attempt)}`;
  }
  baseline(scope: BaselineScope): string {
    return `${this.all('baselines')}${enc(scope)}`;
  }
  pause(scope: PauseScope): string {
    return `${this.all('pauses')}${enc(scope)}`;
  }
  /** Where an unreadable record is kept when a new one takes its key. */
  quarantine(key: string, revision: string): string {
    return `${this.root}quarantine/${enc(key.slice(this.root.length))}/${revision}`;
  }
}

/** The application that the last segment of a key names; undefined = none. */
export function applicationIn(key: string): ApplicationKey | undefined {
  const text = lastSegment(key) ?? '';
  return /^[^/]+\/[^/]+$/.test(text) ? (text as ApplicationKey) : undefined;
}
/** The last segment of a key, decoded; undefined = somebody else wrote it. */
export function lastSegment(key: string): string | undefined {
  try {
    return decodeURIComponent(key.slice(key.lastIndexOf('/') + 1));
  } catch {
    return undefined;
  }
}
