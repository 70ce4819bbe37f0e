import type { PlantedBug } from './planted-bug.js';

type Load = (url: string, context: object) => Promise<{ readonly source?: string | Uint8Array | null }>;
let planted: PlantedBug | undefined;

/** Hooks of node:module `register`: they patch a compiled file while it is loaded, nothing on the disk changes. */
export const initialize = (bug: PlantedBug): void => {
  planted = bug;
};
export const load = async (url: string, context: object, next: Load): Promise<object> => {
  const loaded = await next(url, context);
  const changes =
    planted?.changes.filter((c) => ['src', 'dist'].some((folder) => url.endsWith(`/${folder}/${c.file}`))) ?? [];
  if (changes.length === 0 || loaded.source === undefined || loaded.source === null) return loaded;
  let source = typeof loaded.source === 'string' ? loaded.source : Buffer.from(loaded.source).toString('utf8');
  for (const { file, from, to } of changes) {
    if (source.split(from).length !== 2) throw new Error(`${planted?.name}: ${file} has not exactly one \`${from}\``);
    source = source.replace(from, () => to);
  }
  return { ...loaded, source };
};
