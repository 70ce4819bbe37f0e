import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv } from 'ajv';
import type { ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';

interface Definition {
  properties?: Record<string, unknown>;
  allOf?: readonly { readonly $ref?: string }[];
  additionalProperties?: unknown;
}

/** Answers of Argo CD against its own API description, closed: a field it does not know is a fault. */
export class Swagger {
  readonly #ajv = new Ajv({ strict: false, allErrors: true });
  private constructor(private readonly definitions: Record<string, Definition>) {
    (addFormats as unknown as (ajv: Ajv) => void)(this.#ajv);
    const closed = Object.fromEntries(Object.entries(definitions).map(([name, one]) => [name, this.#close(one)]));
    this.#ajv.addSchema({ $id: 'argocd', definitions: closed });
  }

  /** Undefined, and said so loudly, when the vendor's file is not beside the project. */
  static load(): Swagger | undefined {
    const path = resolve('../shared/data/argocd-swagger.json');
    try {
      const { definitions } = JSON.parse(readFileSync(path, 'utf8')) as {
        readonly definitions: Record<string, Definition>;
      };
      return new Swagger(definitions);
    } catch (error) {
      console.warn(
        `SKIPPED: answers are not checked against Argo CD's API description, ${path} cannot be read: ${String(error)}`,
      );
      return undefined;
    }
  }

  /** Faults of a value as this definition; empty = valid. */
  faults(definition: string, value: unknown): readonly string[] {
    const validate = this.#compile(definition);
    validate(value);
    return (validate.errors ?? []).map((e) => `${e.instancePath} ${e.message ?? ''} ${JSON.stringify(e.params)}`);
  }

  #compile(definition: string): ValidateFunction {
    return (
      this.#ajv.getSchema(`argocd#/definitions/${definition}`) ??
      this.#ajv.compile({ $ref: `argocd#/definitions/${definition}` })
    );
  }

  #close(definition: Definition): Definition {
    const inherited = (definition.allOf ?? []).map(
      ({ $ref = '' }) => this.definitions[$ref.split('/').at(-1) ?? '']?.properties,
    );
    const properties = Object.assign({}, ...inherited, definition.properties) as Record<string, unknown>;
    const { allOf: _allOf, ...own } = definition;
    const hasOwn = Object.keys(properties).length > 0;
    return hasOwn && own.additionalProperties === undefined ? { ...own, properties, additionalProperties: false } : own;
  }
}
