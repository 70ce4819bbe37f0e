/**
 * Why the pods of a broken version never become ready; the first two and the fourth are the reasons Kubernetes shows.
 */
export const POD_FAILURES = [
  'CrashLoopBackOff',
  'ImagePullBackOff',
  'OOMKilled',
  'CreateContainerConfigError',
  'NotReady',
] as const;
/**
 * `OOMKilled` also shows as CrashLoopBackOff, with that word as the reason of the last exit; `NotReady` runs but fails
 * its readiness probe.
 */
export type PodFailure = (typeof POD_FAILURES)[number];
