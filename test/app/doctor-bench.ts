import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { diagnose, type DoctorReport } from '../../src/app/doctor.js';
import { SystemClock, type Clock } from '../../src/base/clock.js';
import { loadConfig, type LoadedConfig } from '../../src/config/load-config.js';
import { writeCredentialFiles } from '../../src/sandbox/credential-files.js';
import type { JsonObject } from '../../src/sandbox/json-path.js';
import { operatorConfiguration } from '../../src/sandbox/operator-configuration.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { mergeDocuments } from '../../src/sandbox/scenario/merge-documents.js';
import { loadScenario } from '../../src/sandbox/scenario/scenario-files.js';

/** The sandbox of a scenario, looked at by doctor with the operator's configuration for it. */
export class DoctorBench {
  private constructor(
    readonly sandbox: Sandbox,
    readonly directory: string,
    private readonly document: JsonObject,
  ) {}
  static async start(overrides: JsonObject = {}): Promise<DoctorBench> {
    const directory = await mkdtemp(join(tmpdir(), 'doctor-'));
    const sandbox = await startSandbox(await loadScenario('bad-deploy', overrides), { directory, speed: 40 });
    const document = operatorConfiguration(sandbox, await writeCredentialFiles(sandbox, directory), directory);
    return new DoctorBench(sandbox, directory, document);
  }
  async load(overrides: JsonObject = {}): Promise<LoadedConfig> {
    const file = join(this.directory, 'operator.yaml');
    await writeFile(file, stringify(mergeDocuments(this.document, overrides)));
    return loadConfig({ file, env: {} });
  }
  async diagnose(overrides: JsonObject = {}, clock: Clock = new SystemClock()): Promise<DoctorReport> {
    return diagnose(await this.load(overrides), clock);
  }
  write(name: string, text: string): Promise<void> {
    return writeFile(join(this.directory, name), text, { mode: 0o600 });
  }
  /** Every secret the operator was given. */
  async secrets(): Promise<readonly string[]> {
    const { argocdToken, githubToken, kubernetesToken } = this.sandbox.credentials;
    const files = await Promise.all(
      ['argocd.token', 'github.token'].map((f) => readFile(join(this.directory, f), 'utf8')),
    );
    return [argocdToken, githubToken, kubernetesToken, ...files.map((f) => f.trim())];
  }
  async close(): Promise<void> {
    await this.sandbox.close();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** `fault argocd`, `warning application argocd/shop`: who has what, without the words. */
export const verdictsOf = (report: DoctorReport, verdict: 'fault' | 'warning' | 'ok'): readonly string[] =>
  report.findings.filter((f) => f.verdict === verdict).map((f) => f.subject);
export const textOf = (report: DoctorReport, subject: string): string =>
  report.findings
    .filter((f) => f.subject === subject)
    .map((f) => `${f.verdict}: ${f.text}${f.mend === undefined ? '' : ` -> ${f.mend}`}`)
    .join('\n');
