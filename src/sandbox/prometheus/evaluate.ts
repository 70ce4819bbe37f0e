import { canonicalJson } from '../../base/hash.js';
import { destinationServer } from '../world/application-settings.js';
import { stringAt } from '../json-path.js';
import type { SimulatedApplication } from '../world/simulated-application.js';
import type { World } from '../world.js';
import type { Aggregation, Expression, Matcher, Selector } from './promql.js';

/** Labels of a series; `__name__` is its metric. */
export type Labels = Readonly<Record<string, string>>;
/** One element of an instant vector. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/** How this Prometheus scrapes Argo CD. */
export interface ScrapeSettings {
  /**
   * Prometheus without `honor_labels`: the application's namespace becomes `exported_namespace`, `namespace` is Argo
   * CD's own.
   */
  readonly exportedNamespace: boolean;
}

/** The instant vector of an expression at a time (milliseconds). The future has no samples. */
export function evaluate(
  expression: Expression,
  world: World,
  at: number,
  settings: ScrapeSettings,
): readonly Sample[] {
  switch (expression.kind) {
    case 'selector':
      return select(expression, world, at, settings);
    case 'aggregation':
      return aggregate(expression, evaluate(expression.of, world, at, settings));
    case 'union': {
      const left = evaluate(expression.left, world, at, settings);
      const known = new Set(left.map(identity));
      return [...left, ...evaluate(expression.right, world, at, settings).filter((s) => !known.has(identity(s)))];
    }
  }
}

/** Set operators match by all labels but the name of the metric. */
function identity(sample: Sample): string {
  const { __name__: _name, ...labels } = sample.labels;
  return canonicalJson(labels);
}

function select(selector: Selector, world: World, at: number, settings: ScrapeSettings): readonly Sample[] {
  if (at > world.clock.now() || world.metricsState === 'no-data') return [];
  // most queries are about one application: the others are left out before their labels are made
  const named = selector.matchers.filter((matcher) => matcher.label === 'name');
  const apps = world.applications.filter((app) => named.every((matcher) => matches(matcher, app.settings.name)));
  const all = [...targetsUp(), ...apps.flatMap((app) => appInfo(app, at, settings))];
  return all.filter(
    ({ labels }) =>
      (selector.metric === '' || labels['__name__'] === selector.metric) &&
      selector.matchers.every((matcher) => matches(matcher, labels[matcher.label] ?? '')),
  );
}

const targetsUp = (): readonly Sample[] => [
  { labels: { __name__: 'up', job: 'argocd-metrics', instance: 'argocd-metrics:8082' }, value: 1 },
  { labels: { __name__: 'up', job: 'prometheus', instance: 'localhost:9090' }, value: 1 },
];

function appInfo(app: SimulatedApplication, at: number, { exportedNamespace }: ScrapeSettings): readonly Sample[] {
  const span = app.timeline.at(at);
  if (span?.health === undefined) return [];
  const { settings } = app;
  const namespace = exportedNamespace
    ? { namespace: 'argocd', exported_namespace: settings.namespace }
    : { namespace: settings.namespace };
  const labels: Labels = {
    __name__: 'argocd_app_info',
    ...namespace,
    name: settings.name,
    project: settings.project,
    autosync_enabled: String(settings.automated !== undefined),
    repo: (stringAt(settings.source, 'repoURL') ?? '').replace(/\.git$/, ''),
    dest_server: destinationServer(settings.destination),
    dest_namespace: settings.destination.namespace,
    sync_status: span.sync,
    health_status: span.health,
    job: 'argocd-metrics',
    instance: 'argocd-metrics:8082',
  };
  return [{ labels, value: 1 }];
}

function matches({ operator, value }: Matcher, actual: string): boolean {
  switch (operator) {
    case '=':
      return actual === value;
    case '!=':
      return actual !== value;
    case '=~':
      return new RegExp(`^(?:${value})$`).test(actual);
    case '!~':
      return !new RegExp(`^(?:${value})$`).test(actual);
  }
}

function aggregate({ operator, by }: Aggregation, samples: readonly Sample[]): readonly Sample[] {
  const groups = new Map<string, { readonly labels: Labels; readonly values: number[] }>();
  for (const sample of samples) {
    const labels = Object.fromEntries(
      by.filter((l) => sample.labels[l] !== undefined).map((l) => [l, sample.labels[l] ?? '']),
    );
    const key = canonicalJson(labels);
    const group = groups.get(key) ?? { labels, values: [] };
    group.values.push(sample.value);
    groups.set(key, group);
  }
  const fold: Record<Aggregation['operator'], (values: readonly number[]) => number> = {
    max: (values) => Math.max(...values),
    min: (values) => Math.min(...values),
    sum: (values) => values.reduce((a, b) => a + b, 0),
    count: (values) => values.length,
  };
  return [...groups.values()].map(({ labels, values }) => ({ labels, value: fold[operator](values) }));
}
