/** Who the operator is at GitHub. The callbacks are asked for every call, so that a rotated file is used at once. */
export type GitHubCredential =
  | { readonly kind: 'token'; readonly token: () => string }
  | {
      readonly kind: 'app';
      readonly appId: number;
      readonly installationId: number;
      /** PEM, PKCS#1 or PKCS#8. */
      readonly privateKey: () => string;
    };

/** How GitHub is reached. */
export interface GitHubSettings {
  /** `https://api.github.com`; GitHub Enterprise Server: `https://HOST/api/v3`. */
  readonly baseUrl: string;
  readonly auth: GitHubCredential;
  /** PEM file of the certificate authority; the system's when absent. */
  readonly caFile?: string;
  /** `http://host:port` of a proxy; absent = as the environment says. */
  readonly proxy?: string;
  /** Deadlines of one call, milliseconds; 15 s for reads and 30 s for writes unless told. */
  readonly timeouts?: GitHubTimeouts;
}
export interface GitHubTimeouts {
  readonly readMs: number;
  readonly writeMs: number;
}
