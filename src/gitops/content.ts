import { canonicalJson, sha256 } from '../base/hash.js';
import type { SourceSettings } from '../model/application.js';
import type { TreeEntry } from '../ports/source-control.js';
import { byPath, joinInRepository } from './repository-path.js';
import { normaliseRepositoryUrl } from './repository-url.js';
import { isMapping } from './yaml-text.js';

/** The files of one repository that an application renders from. */
export interface ContentPart {
  readonly repoURL: string;
  readonly files: ReadonlyMap<string, TreeEntry>;
}

/** Argo CD writes no field that is empty, while a manifest may spell it out: both mean the same. */
const saysNothing = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  value === false ||
  (Array.isArray(value) && value.length === 0) ||
  (isMapping(value) && Object.keys(value).length === 0);

function withoutEmpty(settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => !saysNothing(value)));
}

/**
 * Source settings in one spelling: repository URL and path cleaned, empty and HEAD revisions alike, fields that
 * say nothing left out of the source and of its blocks. Deeper values are free text of the user and stay as they are.
 */
export function normaliseSettings(source: SourceSettings): Readonly<Record<string, unknown>> {
  const blocks = Object.entries(source).map(([key, value]): [string, unknown] => [
    key,
    isMapping(value) ? withoutEmpty(value) : value,
  ]);
  const revision = (source.targetRevision ?? '').trim();
  return {
    ...withoutEmpty(Object.fromEntries(blocks)),
    repoURL: normaliseRepositoryUrl(source.repoURL),
    targetRevision: revision === '' ? 'HEAD' : revision,
    ...(source.path === undefined ? {} : { path: joinInRepository('', source.path) ?? source.path }),
  };
}

/** Hash of the source settings alone: what a health check carries beside the revisions (semantics 1, 4). */
export const settingsHash = (sources: readonly SourceSettings[]): string =>
  sha256(canonicalJson(sources.map(normaliseSettings)));

/** An application had the same source settings both times (R6 asks for it). */
export const sameSettings = (a: readonly SourceSettings[], b: readonly SourceSettings[]): boolean =>
  settingsHash(a) === settingsHash(b);

/**
 * Content of an application (semantics 1): hash of the sorted (repository, path, mode, blob id) of its closure and of
 * its normalised source settings, `targetRevision` included. Commit ids are no part of it: equal files, equal content.
 */
export function contentHash(parts: readonly ContentPart[], sources: readonly SourceSettings[]): string {
  const lines = parts.flatMap(({ repoURL, files }) => {
    const repository = normaliseRepositoryUrl(repoURL);
    return [...files].map(([path, entry]) => canonicalJson([repository, path, entry.mode, entry.oid]));
  });
  const unique = [...new Set(lines)].toSorted(byPath);
  return sha256(canonicalJson({ files: unique, settings: sources.map(normaliseSettings) }));
}
