/** Does it select an object with these labels? */
export type LabelSelector = (labels: Readonly<Record<string, string>>) => boolean;

/** A Kubernetes label selector: `a=b`, `a==b`, `a!=b`, `a in (x,y)`, `a notin (x,y)`, `a`, `!a`, joined by commas. */
export function parseSelector(text: string): LabelSelector {
  const requirements = splitRequirements(text).map(parseRequirement);
  return (labels) => requirements.every((matches) => matches(labels));
}

/** Commas inside parentheses do not separate. */
const splitRequirements = (text: string): readonly string[] =>
  text
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== '');

function parseRequirement(text: string): LabelSelector {
  const set = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(text);
  if (set) {
    const [, key = '', operator, list = ''] = set;
    const values = list.split(',').map((value) => value.trim());
    // a label that is not there is in no set, and `notin` is true of it
    return (labels) => (key in labels && values.includes(labels[key] ?? '')) === (operator === 'in');
  }
  const equality = /^([^\s=!]+)\s*(==|=|!=)\s*(\S*)$/.exec(text);
  if (equality) {
    const [, key = '', operator, value] = equality;
    return (labels) => (labels[key] === value) === (operator !== '!=');
  }
  if (text.startsWith('!')) return (labels) => !(text.slice(1) in labels);
  return (labels) => text in labels;
}
