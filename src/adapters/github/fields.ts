import { z } from 'zod';
import type { RepositoryId } from '../../ports/source-control.js';

/** A git object id. */
export const oidSchema = z.string().regex(/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/);
/** An ISO time, as milliseconds since the epoch. */
export const timeSchema = z.string().transform((text, context) => {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) context.addIssue({ code: 'custom', message: 'not a time' });
  return ms;
});

/** Owner and name as the routes' placeholders call them. */
export const inRepository = (repo: RepositoryId): { readonly owner: string; readonly repo: string } => ({
  owner: repo.owner,
  repo: repo.name,
});
/** GitHub's names of accounts and repositories do not differ by case. */
export const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
/** `owner/name`. */
export const fullName = (repo: RepositoryId): string => `${repo.owner}/${repo.name}`;
