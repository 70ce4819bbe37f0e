import { sha256 } from '../../base/hash.js';
import type { EpochMs } from '../../model/application.js';

/** RFC 3339 in whole seconds, as Kubernetes and Argo CD write times. */
export const rfc3339 = (at: EpochMs): string => `${new Date(Math.floor(at / 1000) * 1000).toISOString().slice(0, 19)}Z`;

/** A uid that looks like Kubernetes' and is the same for the same name in every run. */
export function stableUid(seed: string): string {
  const hex = sha256(seed);
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  const groups = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `${variant}${hex.slice(17, 20)}`];
  return [...groups, hex.slice(20, 32)].join('-');
}
