import type { Clock } from '../base/clock.js';
import { asOperatorError } from '../base/errors.js';
import { setLogLevel, type Logger } from '../base/logger.js';
import { redactText } from '../base/redact.js';
import type { LoadedConfig } from '../config/load-config.js';
import { configChanges, loadedAfterReload, type ConfigChanges } from '../config/reload.js';
import { isOff } from '../config/operator-config.js';
import type { PolicyBook } from '../governance/policy-book.js';
import { ENVIRONMENTS, type Environment } from '../model/policy.js';
import type { AuditLog } from '../ports/audit-log.js';
import type { Baselines } from '../workflow/baselines.js';
import type { FleetView } from '../workflow/fleet-view.js';
import type { FsmController } from '../workflow/fsm-controller.js';
import type { FsmService } from '../workflow/fsm-service.js';
import type { HealthIntake } from '../workflow/health-intake.js';

/** What became of a reload. Never an error: the operator goes on with what it has. */
export type ReloadResult =
  | ({ readonly kind: 'applied' } & ConfigChanges)
  | ({ readonly kind: 'unchanged' } & Pick<ConfigChanges, 'needRestart'>)
  /** Nothing of it holds. */
  | { readonly kind: 'refused'; readonly why: string };

/**
 * Takes a changed configuration while running (semantics 10): validated whole, applied whole or not at all. What is
 * stricter holds at once, also in flight; what is looser only for new attempts. Keys that need a restart keep their
 * values and are named. One reload at a time.
 */
export class ConfigurationReload {
  #inForce: LoadedConfig;
  #last: Promise<unknown> = Promise.resolve();
  constructor(
    loaded: LoadedConfig,
    private readonly load: () => LoadedConfig,
    private readonly clock: Clock,
    private readonly policies: PolicyBook,
    private readonly fleet: Pick<FleetView, 'rematch'>,
    private readonly intake: Pick<HealthIntake, 'reconsider'>,
    private readonly baselines: Pick<Baselines, 'beginAnew' | 'wasOff'>,
    private readonly service: Pick<FsmService, 'open'>,
    private readonly controller: Pick<FsmController, 'nudge'>,
    private readonly audit: AuditLog,
    private readonly logger: Logger,
  ) {
    this.#inForce = loaded;
  }

  /** The configuration in force. */
  get inForce(): LoadedConfig {
    return this.#inForce;
  }

  reload(): Promise<ReloadResult> {
    const next = this.#last.then(() => this.#reload());
    this.#last = next;
    return next;
  }

  async #reload(): Promise<ReloadResult> {
    try {
      const reloaded = this.load();
      for (const warning of reloaded.warnings) this.logger.warn('configuration', { warning });
      return await this.#take(reloaded);
    } catch (error) {
      const e = asOperatorError(error);
      const why = redactText(e.message);
      this.logger.error('the configuration was not reloaded; what was in force stays in force', { error: e });
      await this.#record(`reload refused: ${why}`, {}).catch((failed: unknown) => {
        this.logger.error('a refused reload could not be recorded', { error: failed });
      });
      return { kind: 'refused', why };
    }
  }
  async #take(reloaded: LoadedConfig): Promise<ReloadResult> {
    const running = this.#inForce;
    const { live, needRestart } = configChanges(running.config, reloaded.config);
    if (needRestart.length > 0)
      this.logger.warn('changed keys of the configuration need a restart', { keys: needRestart });
    if (live.length === 0) {
      this.logger.info('configuration reloaded: nothing changed that takes effect now', { needRestart });
      return { kind: 'unchanged', needRestart };
    }
    const next = loadedAfterReload(running, reloaded);
    await this.#record('configuration reloaded', { changed: live, needRestart });
    const wasOff = (name: Environment): boolean => isOff(running.config, name) || this.baselines.wasOff(name);
    const letLoose = ENVIRONMENTS.filter((name) => wasOff(name) && !isOff(next.config, name));
    await this.baselines.beginAnew(letLoose, this.clock.now());
    // From here on nothing is awaited and nothing fails: it holds whole.
    this.#inForce = next;
    this.policies.replace(next.config);
    this.fleet.rematch();
    this.intake.reconsider();
    setLogLevel(this.logger, next.config.log.level);
    for (const a of this.service.open()) this.controller.nudge(a.id);
    this.logger.info('configuration reloaded', { changed: live, needRestart });
    return { kind: 'applied', live, needRestart };
  }

  async #record(text: string, facts: Readonly<Record<string, unknown>>): Promise<void> {
    const subject = `operator/${this.#inForce.config.instance}`;
    await this.audit.append({ subject, kind: 'configuration', at: this.clock.now(), actor: 'operator', text, facts });
  }
}
