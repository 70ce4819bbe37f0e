type Json = Readonly<Record<string, unknown>>;

/** Written by the Deployment controller on the Deployment and on each of its ReplicaSets. */
const REVISION = 'deployment.kubernetes.io/revision';

/**
 * The ReplicaSet of a Deployment's newest revision: the one it controls that carries the Deployment's own revision
 * number. Undefined when there is none yet.
 */
export function findNewestReplicaSet(deployment: Json, replicaSets: readonly Json[]): Json | undefined {
  const { uid } = metadataOf(deployment);
  const revision = revisionOf(deployment);
  if (typeof uid !== 'string' || revision === undefined) return undefined;
  return replicaSets.find((set) => isControlledBy(set, uid) && revisionOf(set) === revision);
}

function isControlledBy(object: Json, uid: string): boolean {
  const owners = metadataOf(object)['ownerReferences'];
  return Array.isArray(owners) && owners.some((owner: Json) => owner['uid'] === uid && owner['controller'] === true);
}
function revisionOf(object: Json): string | undefined {
  const annotations = metadataOf(object)['annotations'] as Json | undefined;
  const revision = annotations?.[REVISION];
  return typeof revision === 'string' ? revision : undefined;
}
const metadataOf = (object: Json): Json => (object['metadata'] ?? {}) as Json;
