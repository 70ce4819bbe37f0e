import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';
import type { ValidateFunction } from 'ajv';

const FILE = path.resolve('../shared/data/github-openapi-trimmed.noexamples.json');

interface Operation {
  readonly responses: Readonly<Record<string, Response>>;
}
interface Response {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, { readonly schema?: unknown }>>;
}
interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation | undefined>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, unknown>>;
    readonly responses: Readonly<Record<string, Response>>;
  };
}

/** Statuses any route may answer, though the description lists them for few. */
const EVERYWHERE = [304, 400, 401, 403, 404, 409, 422];
const SLASHES = /\{(path|ref|branch|basehead|tree_sha)\}/g;

export interface Answered {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly body: unknown;
}

/** GitHub's own description of its API (trimmed to what the operator uses), as a judge of answers. */
export class GitHubSchema {
  readonly #description: Description;
  readonly #ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  readonly #compiled = new Map<string, ValidateFunction>();

  private constructor(description: Description) {
    this.#description = description;
    this.#ajv.addSchema({ $id: 'gh', definitions: asJsonSchema(description.components.schemas) });
  }

  /** Undefined, and loudly so, when the description is not beside the project. */
  static load(): GitHubSchema | undefined {
    if (existsSync(FILE)) return new GitHubSchema(JSON.parse(readFileSync(FILE, 'utf8')) as Description);
    console.warn(`      GITHUB'S SCHEMA IS MISSING (${FILE}): answers of the sandbox are NOT compared with it`);
    return undefined;
  }

  /** What is wrong with an answer; undefined = the description does not know the route. */
  faults(answer: Answered): readonly string[] | undefined {
    const found = this.#operation(answer.method, answer.path);
    if (!found) return undefined;
    const [template, operation] = found;
    const listed = operation.responses[String(answer.status)];
    if (!listed) {
      if (!EVERYWHERE.includes(answer.status)) return [`status ${answer.status} is not described`];
      return answer.status === 304 ? [] : this.against('basic-error', answer.body);
    }
    const response = listed.$ref === undefined ? listed : this.#description.components.responses[lastPart(listed.$ref)];
    const schema = response?.content?.['application/json']?.schema;
    return schema === undefined
      ? []
      : this.#judge(`${answer.method} ${template} ${answer.status}`, schema, answer.body);
  }

  /** Judges a value by one named schema. */
  against(name: string, value: unknown): readonly string[] {
    return this.#judge(name, { $ref: `#/components/schemas/${name}` }, value);
  }

  #operation(method: string, pathname: string): readonly [string, Operation] | undefined {
    const bySpecificity = Object.entries(this.#description.paths).toSorted(([a], [b]) => depth(b) - depth(a));
    for (const [template, methods] of bySpecificity) {
      const source = template.replaceAll(SLASHES, '(.+)').replaceAll(/\{[^}]+\}/g, '([^/]+)');
      const operation = methods[method.toLowerCase()];
      if (operation && new RegExp(`^${source}$`).test(pathname)) return [template, operation];
    }
    return undefined;
  }

  #judge(key: string, schema: unknown, value: unknown): readonly string[] {
    const text = JSON.stringify(asJsonSchema(schema)).replaceAll('#/definitions/', 'gh#/definitions/');
    const validate = this.#compiled.get(key) ?? this.#ajv.compile(JSON.parse(text) as object);
    this.#compiled.set(key, validate);
    if (validate(value)) return [];
    return (validate.errors ?? []).slice(0, 8).map((e) => `${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`);
  }
}

const depth = (template: string): number => template.split('/').length;
const lastPart = (ref: string): string => ref.slice(ref.lastIndexOf('/') + 1);

const DROPPED = ['xml', 'externalDocs', 'discriminator', 'nullable', 'deprecated', 'x-github-breaking-changes'];

/** OpenAPI 3.0 says `nullable`, JSON Schema says `type: [..., null]`. */
function asJsonSchema(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asJsonSchema);
  if (typeof value !== 'object' || value === null) return value;
  const source = value as Readonly<Record<string, unknown>>;
  const result: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(source)) {
    // a property may bear one of these names: then it is a schema
    if (DROPPED.includes(key) && typeof inner !== 'object') continue;
    result[key] =
      key === '$ref' ? String(inner).replace('#/components/schemas/', '#/definitions/') : asJsonSchema(inner);
  }
  return source['nullable'] === true ? orNull(result) : result;
}

function orNull(schema: Record<string, unknown>): unknown {
  if ('$ref' in schema || 'allOf' in schema || 'anyOf' in schema || 'oneOf' in schema) {
    return { anyOf: [{ type: 'null' }, schema] };
  }
  const type = schema['type'] === undefined ? {} : { type: [schema['type'], 'null'].flat() };
  const values = Array.isArray(schema['enum']) ? { enum: [...new Set([...(schema['enum'] as unknown[]), null])] } : {};
  return { ...schema, ...type, ...values };
}
