import type { ConfigFlag } from '../config/layers.js';
import type { OperatorConfig } from '../config/operator-config.js';
import { ENVIRONMENTS, lowestMode } from '../model/policy.js';

/** `--dry-run`: every environment that may do more is lowered to `observe`: it decides and records, nothing more. */
export const dryRunFlags = (config: Pick<OperatorConfig, 'environments'>): readonly ConfigFlag[] =>
  ENVIRONMENTS.flatMap((name) => {
    const mode = config.environments[name]?.mode;
    if (mode === undefined || lowestMode(mode, 'observe') === mode) return [];
    return [{ flag: '--dry-run', key: `environments.${name}.mode`, value: 'observe' }];
  });
