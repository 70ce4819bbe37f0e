/** Rules of refusal R1 to R16: what cannot be enacted in git, or not without people. */
export const REFUSAL_RULES = [
  'R1',
  'R2',
  'R3',
  'R4',
  'R5',
  'R6',
  'R7',
  'R8',
  'R9',
  'R10',
  'R11',
  'R12',
  'R13',
  'R14',
  'R15',
  'R16',
] as const;
export type RefusalRule = (typeof REFUSAL_RULES)[number];

interface RefusalEntry {
  readonly rule: RefusalRule;
  /** What a human can do about it. */
  readonly mend: string;
}

const entry = (rule: RefusalRule, mend: string): RefusalEntry => ({ rule, mend });
const OTHER_SHAPE = 'roll this application back by hand: only plain directories and kustomize are restored so far';

/** Every code with its rule and its mend. The codes are stable: they stand in audit records and in the API. */
const REFUSALS = {
  'no-git-delta': entry('R1', 'look outside git: a moving image tag, a secret, the cluster'),
  'foreign-repository': entry('R2', 'roll back in that repository by hand, or give the operator access'),
  'pinned-revision': entry('R3', 'change targetRevision where the Application is defined: it follows no branch'),
  'not-an-ancestor': entry('R4', 'roll back by hand: the branch was rewritten and lost that commit'),
  'chart-version': entry('R5', 'pin the earlier chart version in targetRevision where the Application is defined'),
  'oci-source': entry('R5', 'pin the earlier artifact in targetRevision where the Application is defined'),
  'settings-changed': entry('R6', 'review the Application: the earlier version ran with other source settings'),
  'several-repositories': entry('R7', 'roll back each repository by hand: one pull request cannot change two'),
  'closure-not-computable': entry('R8', 'roll back by hand: the files it renders from cannot all be told'),
  'several-sources': entry('R8', 'roll this application back by hand: several sources are not restored so far'),
  'helm-source': entry('R8', OTHER_SHAPE),
  'plugin-source': entry('R8', OTHER_SHAPE),
  'jsonnet-source': entry('R8', OTHER_SHAPE),
  'remote-reference': entry('R8', 'copy the remote base into the repository, or roll back by hand'),
  'kustomize-helm-charts': entry('R8', 'roll back by hand: charts inside a kustomization are not restored so far'),
  'kustomize-plugin': entry('R8', 'roll back by hand: kustomize plugins that run code are not followed'),
  'cyclic-bases': entry('R8', 'break the cycle between the kustomizations'),
  'dangling-reference': entry('R8', 'add the missing file, or remove the reference to it'),
  'leaves-repository': entry('R8', 'keep paths and symbolic links inside the repository'),
  'inside-submodule': entry('R8', 'roll back by hand: files inside a submodule cannot be read'),
  'unreadable-yaml': entry('R8', 'mend the file: it cannot be read as YAML within the limits'),
  'path-missing': entry('R8', 'restore the directory, or correct spec.source.path'),
  'candidate-empty': entry('R8', 'roll back by hand: the application has no files in that version'),
  'root-path': entry('R8', 'move the application into a directory of its own, or roll back by hand'),
  'protected-files': entry('R8', 'roll back by hand: the operator never changes workflows and code owners'),
  'too-many-changes': entry('R8', 'roll back by hand: too large for one pull request'),
  'outside-generate-paths': entry('R8', 'add the file to the annotation manifest-generate-paths'),
  'tree-not-reproducible': entry('R8', 'roll back by hand: the listing of the repository is not its tree'),
  hydrator: entry('R9', 'roll back the dry source by hand: the hydrator would overwrite the hydrated branch'),
  'bot-managed': entry('R10', 'pin the good version where the bot reads it, then roll back'),
  'will-not-sync': entry('R11', 'sync by hand after the merge, or allow automated sync with prune'),
  'irreversible-change': entry('R12', 'let a person judge it: a rollback cannot simply undo these objects'),
  'other-application-affected': entry('R13', 'let the owners of the other application agree'),
  'operation-running': entry('R14', 'let the running operation end, or terminate it'),
  'stale-status': entry('R15', 'find out why Argo CD does not reconcile the application'),
  'head-moved': entry('R16', 'nothing: the operator plans again on the new head'),
} as const satisfies Readonly<Record<string, RefusalEntry>>;

/** Why a rollback is not enacted, or only proposed to people: a closed set. */
export type RefusalCode = keyof typeof REFUSALS;
/** All codes, for documents and tests. */
export const REFUSAL_CODES = Object.keys(REFUSALS) as readonly RefusalCode[];

/** A refusal is a value, never an error: it reaches the audit log, the pull request and the API. */
export interface Refusal {
  readonly kind: 'refusal';
  readonly code: RefusalCode;
  readonly rule: RefusalRule;
  /** What exactly was met. May quote names from the repository: escape it wherever it is shown. */
  readonly detail: string;
  /** What a human can do. */
  readonly mend: string;
}

/** What follows from a rule: no pull request at all, one that only people may merge, or planning again. */
export type RefusalConsequence = 'no-pull-request' | 'people-only' | 'plan-again';

const DETAIL_MAX_CHARS = 500;

/** A refusal with rule and mend from the table; an overlong detail is cut. */
export function refuse(code: RefusalCode, detail: string): Refusal {
  const { rule, mend } = REFUSALS[code];
  const short = detail.length > DETAIL_MAX_CHARS ? `${detail.slice(0, DETAIL_MAX_CHARS - 3)}...` : detail;
  return { kind: 'refusal', code, rule, detail: short, mend };
}

/** Tells a refusal from whatever else a function of this folder answers. */
export const isRefusal = (value: { readonly kind: string } | undefined): value is Refusal => value?.kind === 'refusal';

/** R1 to R5 and R7 to R9: no pull request. R6 and R10 to R15: one for people. R16: plan again. */
export function refusalConsequence(rule: RefusalRule): RefusalConsequence {
  switch (rule) {
    case 'R1':
    case 'R2':
    case 'R3':
    case 'R4':
    case 'R5':
    case 'R7':
    case 'R8':
    case 'R9':
      return 'no-pull-request';
    case 'R6':
    case 'R10':
    case 'R11':
    case 'R12':
    case 'R13':
    case 'R14':
    case 'R15':
      return 'people-only';
    case 'R16':
      return 'plan-again';
  }
}
