/** Everything people are told about beside the pull request: the closed set. */
export const NOTICE_KINDS = [
  'rollback-proposed',
  'approval-needed',
  'rollback-merged',
  'rollback-completed',
  'rollback-aborted',
  'brake-closed',
  'stale-failure',
  'rollback-of-rollback',
  'bad-version-returned',
  'aborted-too-late',
] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];
