import { OperatorError } from '../../base/errors.js';
import { splitApplicationKey, type ApplicationKey } from '../../model/application.js';

/**
 * The label that holds the application's namespace. Prometheus renames Argo CD's `namespace` to `exported_namespace`
 * unless it scrapes with `honor_labels: true`. `auto` takes whichever a series has.
 */
export type NamespaceLabel = 'auto' | 'namespace' | 'exported_namespace';

/** Which of the series in this Prometheus are ours. */
export interface SeriesSelection {
  readonly namespaceLabel: NamespaceLabel;
  /** Further labels a series must have, for a Prometheus that sees several Argo CDs (`cluster: hub-1`). */
  readonly labels: Readonly<Record<string, string>>;
}

const METRIC = 'argocd_app_info';

/** One series per health status, 1 while the application had it. `PROMETHEUS_LABEL` (config): not a label name. */
export function healthQuery(application: ApplicationKey, selection: SeriesSelection): string {
  return `max by (health_status) (${appInfo(application, selection)})`;
}
/** How many applications are known; empty when the metric is not scraped. */
export const countQuery = ({ labels }: Pick<SeriesSelection, 'labels'>): string => `count(${METRIC}${braces(labels)})`;

function appInfo(application: ApplicationKey, { namespaceLabel, labels }: SeriesSelection): string {
  const { namespace, name } = splitApplicationKey(application);
  const exported = braces({ ...labels, exported_namespace: namespace, name });
  // A series that has `exported_namespace` has the scraped pod's namespace in `namespace`: it must not match by that.
  const plain = braces({ ...labels, exported_namespace: '', namespace, name });
  switch (namespaceLabel) {
    case 'auto':
      return `${METRIC}${exported} or ${METRIC}${plain}`;
    case 'exported_namespace':
      return `${METRIC}${exported}`;
    case 'namespace':
      return `${METRIC}${braces({ ...labels, namespace, name })}`;
  }
}

function braces(labels: Readonly<Record<string, string>>): string {
  const matchers = Object.entries(labels).map(([label, value]) => {
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(label)) {
      throw new OperatorError('PROMETHEUS_LABEL', 'config', `prometheus: ${label} is not a label name`);
    }
    return `${label}=${quoted(value)}`;
  });
  return `{${matchers.join(',')}}`;
}
const quoted = (value: string): string =>
  `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
