import { OperatorError } from '../../base/errors.js';

/**
 * A source that cannot be rendered: what Argo CD shows as a ComparisonError.
 * Its message reaches the application's conditions and the answer of `/manifests`.
 */
export class RenderFailure extends OperatorError {
  constructor(message: string, options: ErrorOptions = {}) {
    super('RENDER_FAILED', 'terminal', message, options);
    this.name = 'RenderFailure';
  }
}
