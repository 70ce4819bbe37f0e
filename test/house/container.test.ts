import 'reflect-metadata';
import { expect } from 'chai';
import { Container, type ServiceIdentifier } from 'inversify';
import sinon from 'sinon';
import { createContainer, T } from '../../src/app/container.js';
import type { Outside } from '../../src/app/outside.js';
import type { OperatorConfig } from '../../src/config/operator-config.js';
import { FakeSourceControl } from '../support/fakes/fake-source-control.js';
import { operatorConfig, STAGING } from '../support/operator-config.js';
import { OperatorWorld } from '../support/operator-world.js';

function outsideOf(world: OperatorWorld, kubernetes: Outside['kubernetes']): Outside {
  return {
    clock: world.clock,
    logger: world.logger,
    argocd: world.argocd,
    sourceControl: new FakeSourceControl(world.github),
    kubernetes,
    metricsBackend: world.prometheus,
    store: world.store(),
    bus: world.bus(),
    audit: world.audit,
    notifier: world.notifier,
    killSwitch: world.killSwitch,
    metrics: world.metrics,
    renderMetrics: () => Promise.resolve({ contentType: 'text/plain', text: '' }),
    pulse: () => undefined,
    close: () => Promise.resolve(),
  };
}

/** The container of a configuration and everything that was bound in it. */
function assemble(
  config: OperatorConfig,
  withCluster: boolean,
): { readonly container: Container; readonly bound: readonly ServiceIdentifier[] } {
  const world = new OperatorWorld();
  const bind = sinon.spy(Container.prototype, 'bind');
  try {
    const container = createContainer(config, outsideOf(world, withCluster ? world.kubernetes : undefined), () => ({
      title: '',
      body: '',
    }));
    return { container, bound: bind.getCalls().map((call) => call.args[0]) };
  } finally {
    bind.restore();
  }
}

describe('the composition', () => {
  const modes: readonly (readonly [title: string, config: OperatorConfig, withCluster: boolean])[] = [
    ['every default', operatorConfig(), true],
    ['no cluster', operatorConfig({ kubernetes: { enabled: false } }), false],
    [
      'staging alone, only observed',
      operatorConfig({ environments: { staging: { ...STAGING, mode: 'observe' } } }),
      true,
    ],
  ];
  for (const [title, config, withCluster] of modes) {
    it(`resolves everything that is bound: ${title}`, () => {
      const { container, bound } = assemble(config, withCluster);
      expect(bound).to.include.members(Object.values(T));
      expect(bound.length).to.be.greaterThan(Object.keys(T).length + 20);
      for (const identifier of bound) expect(container.get(identifier), String(identifier)).to.not.equal(undefined);
    });
  }

  it('makes one of everything', () => {
    const { container, bound } = assemble(operatorConfig(), true);
    expect(new Set(bound).size, 'nothing is bound twice').to.equal(bound.length);
    for (const identifier of bound)
      expect(container.get(identifier), String(identifier)).to.equal(container.get(identifier));
  });

  it('gives every window a token of its own', () => {
    const tokens = Object.values(T).map(String);
    expect(new Set(tokens).size).to.equal(tokens.length);
  });
});
