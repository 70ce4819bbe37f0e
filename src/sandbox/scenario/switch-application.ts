import type { HealthStatus } from '../../model/application.js';
import type { SimulatedApplication } from '../world/simulated-application.js';
import type { SwitchSettings } from './application-schema.js';

/** Sets the switches that are named; the others stay as they are. */
export function switchApplication(app: SimulatedApplication, settings: SwitchSettings, speed: number): void {
  const { switches } = app;
  switches.refreshIgnored = settings.refreshIgnored ?? switches.refreshIgnored;
  switches.frozen = settings.frozen ?? switches.frozen;
  switches.reconciledBehindMs = settings.reconciledBehind ?? switches.reconciledBehindMs;
  switches.doomed = settings.doomed ?? switches.doomed;
  switches.doomedOnceDegraded = settings.staysRedOnceDegraded ?? switches.doomedOnceDegraded;
  switches.operationHeld = settings.operationHeld ?? switches.operationHeld;
  switches.resourceHealthHidden = settings.resourceHealthHidden ?? switches.resourceHealthHidden;
  if (settings.syncFailure !== undefined) switches.syncFailure = settings.syncFailure ?? undefined;
  if (settings.flapping) {
    const phases = settings.flapping.map((phase) => ({ health: phase.health, forMs: phase.for / speed }));
    switches.flapping = phases.length === 0 ? undefined : phases;
  }
  for (const sick of settings.sick ?? []) setSick(app, `${sick.kind}/${sick.name}`, sick.health, sick.message);
}

function setSick(
  app: SimulatedApplication,
  key: string,
  status: HealthStatus | null,
  message: string | undefined,
): void {
  if (status === null) app.switches.sickResources.delete(key);
  else app.switches.sickResources.set(key, { status, ...(message === undefined ? {} : { message }) });
}
