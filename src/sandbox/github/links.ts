/** Addresses of one repository, on the API and on the site. */
export class Links {
  /** API base. */
  readonly api: string;
  /** `<api>/repos/<owner>/<name>` */
  readonly repo: string;
  /** The repository's page. */
  readonly page: string;
  readonly site = 'https://github.com';

  constructor(api: string, owner: string, name: string) {
    this.api = api;
    this.repo = `${api}/repos/${owner}/${name}`;
    this.page = `${this.site}/${owner}/${name}`;
  }
}

/** An opaque id, as GitHub's node ids are. */
export const nodeId = (kind: string, id: string | number): string => Buffer.from(`${kind}:${id}`).toString('base64url');

/** GitHub's times are whole seconds. */
export const isoTime = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
