/**
 * A deep copy of plain data (what JSON could hold, and `undefined`): nobody shares an object with it. Several times faster
 * than `structuredClone`, which is asked only for what is not plain. Throws DataCloneError for functions.
 */
export function copyOf<T>(value: T): T {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return value;
  if (Array.isArray(value)) return value.map(copyOf) as T;
  if (Object.getPrototypeOf(value) !== Object.prototype) return structuredClone(value);
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const member = copyOf((value as Readonly<Record<string, unknown>>)[key]);
    // Assigning to this name would change the prototype instead.
    if (key === '__proto__') Object.defineProperty(copy, key, { value: member, enumerable: true, writable: true });
    else copy[key] = member;
  }
  return copy as T;
}
