import type { V1ContainerState, V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import type { PodTrouble } from '../../model/workload.js';

const MOST_TROUBLES = 10;
const LONGEST_MESSAGE = 500;
/** A container that is merely on its way. */
const STARTING = new Set(['ContainerCreating', 'PodInitializing']);

/** What ails the pods, newest pod first, at most 10. A pod that runs and is ready, or is starting, has no trouble. */
export function podTroublesOf(pods: readonly V1Pod[]): readonly PodTrouble[] {
  const createdAt = (pod: V1Pod): number => pod.metadata?.creationTimestamp?.getTime() ?? 0;
  return [...pods]
    .toSorted((a, b) => createdAt(b) - createdAt(a) || nameOf(a).localeCompare(nameOf(b)))
    .flatMap(troublesOf)
    .slice(0, MOST_TROUBLES);
}

const nameOf = (pod: V1Pod): string => pod.metadata?.name ?? '';

function troublesOf(pod: V1Pod): readonly PodTrouble[] {
  const { status } = pod;
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const found = containers.flatMap((container) => containerTroubles(nameOf(pod), container));
  return found.length > 0 ? found : podTroubles(pod);
}

/** Troubles of the pod as a whole: evicted, not schedulable. */
function podTroubles(pod: V1Pod): readonly PodTrouble[] {
  const trouble = (reason: string, message: string | undefined): PodTrouble[] => [
    { pod: nameOf(pod), container: '', reason, message: shorten(message), restarts: 0 },
  ];
  if (pod.status?.phase === 'Failed') return trouble(pod.status.reason ?? 'Failed', pod.status.message);
  const unscheduled = pod.status?.conditions?.find((c) => c.type === 'PodScheduled' && c.status === 'False');
  return unscheduled ? trouble(unscheduled.reason ?? 'Unschedulable', unscheduled.message) : [];
}

function containerTroubles(pod: string, status: V1ContainerStatus): readonly PodTrouble[] {
  const ended = failedEnd(status.state) ?? failedEnd(status.lastState);
  const common = {
    pod,
    container: status.name,
    restarts: status.restartCount,
    ...(ended === undefined ? {} : { exitCode: ended.exitCode }),
  };
  const waiting = status.state?.waiting;
  if (waiting && !STARTING.has(waiting.reason ?? '')) {
    // The last end says why it crashes; the waiting says only that it is started again later.
    const message = [waiting.message, ended?.message].filter(Boolean).join('; ');
    const cause = ended?.reason === 'Error' ? undefined : ended?.reason;
    const reason = [waiting.reason ?? 'Waiting', cause].filter(Boolean).join(', ');
    return [{ ...common, reason, message: shorten(message) }];
  }
  if (ended && !(status.state?.running && status.ready)) {
    return [{ ...common, reason: ended.reason ?? 'Terminated', message: shorten(ended.message) }];
  }
  if (status.state?.running && !status.ready && status.started !== false) {
    return [{ ...common, reason: 'NotReady', message: 'running, but its readiness probe does not succeed' }];
  }
  return [];
}

/** An end with an error; a finished init container ended well. */
function failedEnd(state: V1ContainerState | undefined): V1ContainerState['terminated'] {
  const end = state?.terminated;
  return end && end.exitCode !== 0 ? end : undefined;
}
const shorten = (text: string | undefined): string => (text ?? '').replaceAll(/\s+/g, ' ').slice(0, LONGEST_MESSAGE);
