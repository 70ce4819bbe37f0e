import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ConfigError } from '../../src/config/faults.js';
import { loadConfig, type ConfigInputs, type LoadedConfig } from '../../src/config/load-config.js';

/** The least a configuration must say. */
export const LEAST = `environments:
  staging: { match: { projects: [staging] }, mode: propose }
argocd: { url: https://argocd.example, tokenFile: argocd.token }
github: { tokenFile: github.token }
repositories: [{ url: https://github.com/acme/gitops }]
`;

/** A folder of its own with two token files; `prod.yaml` is written by `load`. */
export class ConfigFolder {
  readonly path = mkdtempSync(path.join(tmpdir(), 'operator-config-'));
  constructor() {
    this.write('argocd.token', 'argocd-secret\n');
    this.write('github.token', 'github-secret\n');
  }
  write(name: string, content: string, mode = 0o600): void {
    mkdirSync(path.dirname(path.join(this.path, name)), { recursive: true });
    writeFileSync(path.join(this.path, name), content, { mode });
  }
  load(yaml: string, inputs: Partial<ConfigInputs> = {}): LoadedConfig {
    this.write('prod.yaml', yaml);
    return loadConfig({ file: 'prod.yaml', env: {}, workingDirectory: this.path, ...inputs });
  }
  /** The lines below the headline of the error, or none when it loads; the folder's own name is taken out. */
  faults(yaml: string, inputs: Partial<ConfigInputs> = {}): readonly string[] {
    try {
      this.load(yaml, inputs);
      return [];
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return error.message
        .split('\n')
        .slice(1)
        .map((line) => line.trim().replaceAll(this.path, 'FOLDER'));
    }
  }
  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
