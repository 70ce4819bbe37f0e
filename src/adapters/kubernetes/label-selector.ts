/**
 * A workload's `spec.selector` as the query of a list. Undefined when it selects nothing that can be told: an empty
 * query would select everything.
 */
export function labelSelectorOf(workload: Readonly<Record<string, unknown>>): string | undefined {
  const selector = fieldsOf(fieldsOf(workload['spec'])['selector']);
  const equal = Object.entries(fieldsOf(selector['matchLabels'])).map(([label, value]) => `${label}=${String(value)}`);
  const expressions = Array.isArray(selector['matchExpressions']) ? selector['matchExpressions'].map(expressionOf) : [];
  if (expressions.includes(undefined)) return undefined;
  const all = [...equal, ...expressions];
  return all.length === 0 ? undefined : all.join(',');
}

function expressionOf(expression: unknown): string | undefined {
  const { key, operator, values } = fieldsOf(expression);
  if (typeof key !== 'string') return undefined;
  const set = Array.isArray(values) ? `(${values.map(String).join(',')})` : '()';
  switch (operator) {
    case 'In':
      return `${key} in ${set}`;
    case 'NotIn':
      return `${key} notin ${set}`;
    case 'Exists':
      return key;
    case 'DoesNotExist':
      return `!${key}`;
    default:
      return undefined;
  }
}
const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
