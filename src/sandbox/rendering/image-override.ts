import { isJsonObject } from '../json-path.js';
import type { JsonObject } from '../json-path.js';

/** One entry of a kustomization's `images`. */
export interface ImageOverride {
  readonly name: string;
  readonly newName?: string | undefined;
  readonly newTag?: string | undefined;
  readonly digest?: string | undefined;
}

/** Splits `registry:5000/name:tag@digest`; a colon before the last slash belongs to the registry. */
export function splitImage(image: string): { readonly name: string; readonly tag?: string; readonly digest?: string } {
  const [reference = '', digest] = image.split('@');
  const colon = reference.indexOf(':', reference.lastIndexOf('/') + 1);
  const name = colon < 0 ? reference : reference.slice(0, colon);
  return {
    name,
    ...(colon < 0 ? {} : { tag: reference.slice(colon + 1) }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** An Argo CD `kustomize.images` entry (`name=new:tag`, `name:tag`) as an override. */
export function parseImageOverride(text: string): ImageOverride {
  const equals = text.indexOf('=');
  const target = splitImage(text.slice(equals + 1));
  return {
    name: equals < 0 ? target.name : text.slice(0, equals),
    ...(equals < 0 ? {} : { newName: target.name }),
    ...(target.tag === undefined ? {} : { newTag: target.tag }),
    ...(target.digest === undefined ? {} : { digest: target.digest }),
  };
}

/** A copy of a manifest with the images of all its containers overridden (kustomize's ImageTagTransformer). */
export function overrideImages(manifest: JsonObject, overrides: readonly ImageOverride[]): JsonObject {
  return walk(manifest, overrides) as JsonObject;
}

function walk(value: unknown, overrides: readonly ImageOverride[]): unknown {
  if (Array.isArray(value)) return value.map((one) => walk(one, overrides));
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).map(([key, inner]): readonly [string, unknown] => {
    const containers = (key === 'containers' || key === 'initContainers') && Array.isArray(inner);
    if (!containers) return [key, walk(inner, overrides)];
    return [key, inner.map((container: unknown) => overrideContainer(container, overrides))];
  });
  return Object.fromEntries(entries);
}

function overrideContainer(container: unknown, overrides: readonly ImageOverride[]): unknown {
  if (!isJsonObject(container) || typeof container['image'] !== 'string') return container;
  const image = overrides.reduce(overrideImage, container['image']);
  return { ...container, image };
}

function overrideImage(image: string, override: ImageOverride): string {
  const { name, tag, digest } = splitImage(image);
  if (name !== override.name) return image;
  const newName = override.newName ?? name;
  if (override.digest !== undefined) return `${newName}@${override.digest}`;
  if (override.newTag !== undefined) return `${newName}:${override.newTag}`;
  return `${newName}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}
