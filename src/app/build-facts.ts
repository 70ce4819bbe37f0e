import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** What this build says of itself. */
export interface BuildFacts {
  readonly version: string;
  readonly commit: string;
}

/** Version from package.json; commit from the environment the image was built in. */
export function buildFacts(env: NodeJS.ProcessEnv): BuildFacts {
  const file = new URL('../../package.json', import.meta.url);
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(file, 'utf8')));
  return { version, commit: env['AI_OPERATOR_BUILD_COMMIT'] ?? 'unknown' };
}
