import { settingsHash } from '../../gitops/content.js';
import type { ApplicationSnapshot, EpochMs, Revision } from '../../model/application.js';
import type { LedgerEntry } from '../../model/mark.js';
import type { TimeWindow } from '../../ports/metrics-backend.js';

/** The time one version was deployed here, without a break. */
export interface Deployment {
  readonly revisions: readonly Revision[];
  /** Hash of the source settings it ran with. */
  readonly settings: string;
  readonly span: TimeWindow;
}

/**
 * Pure: what was deployed here and when, newest first, from Argo CD's history joined with the operator's ledger
 * (semantics 5). A version runs until the next one starts to be deployed; nothing reaches past `until`, the onset.
 */
export function deploymentsOf(
  app: ApplicationSnapshot,
  ledger: readonly LedgerEntry[],
  until: EpochMs,
): readonly Deployment[] {
  const { deployed } = app;
  const deployedAt = deployed?.finishedAt ?? deployed?.startedAt;
  const noted: LedgerEntry[] = [
    ...app.history.map(
      (h): LedgerEntry => ({
        revisions: h.revisions,
        settings: settingsHash(h.sources),
        deployedAt: h.deployedAt,
        ...(h.deployStartedAt === undefined ? {} : { deployStartedAt: h.deployStartedAt }),
      }),
    ),
    ...ledger,
    ...(deployed === undefined || deployedAt === undefined
      ? []
      : [
          {
            revisions: deployed.revisions,
            settings: settingsHash(deployed.sources),
            deployedAt,
            ...(deployed.startedAt === undefined ? {} : { deployStartedAt: deployed.startedAt }),
          },
        ]),
  ];
  const entries = noted.toSorted((a, b) => a.deployedAt - b.deployedAt);
  const merged: { entry: LedgerEntry; to: EpochMs }[] = [];
  for (const entry of entries) {
    const last = merged.at(-1);
    if (last !== undefined && sameVersion(last.entry, entry)) continue;
    if (last !== undefined) last.to = Math.min(entry.deployStartedAt ?? entry.deployedAt, until);
    merged.push({ entry, to: until });
  }
  return merged
    .map(
      ({ entry, to }): Deployment => ({
        revisions: entry.revisions,
        settings: entry.settings,
        span: { from: entry.deployedAt, to: Math.max(entry.deployedAt, to) },
      }),
    )
    .toReversed();
}
const sameVersion = (a: LedgerEntry, b: LedgerEntry): boolean =>
  a.settings === b.settings && a.revisions.join() === b.revisions.join();
