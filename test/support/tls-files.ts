import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A certificate for 127.0.0.1 that signs itself, so that it is its own authority; made by openssl. */
export class TlsFiles {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'tls-'));
  readonly certFile = path.join(this.#folder, 'tls.crt');
  readonly keyFile = path.join(this.#folder, 'tls.key');
  constructor() {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', this.keyFile];
    const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
    execFileSync('openssl', ['req', '-x509', ...key, '-out', this.certFile, '-days', '2', ...name], { stdio: 'pipe' });
  }
  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}
