import type { Tracer } from '../../ports/tracer.js';
import type { OtelTracerSettings, OtelTracerSurroundings } from './otel-tracer.js';

/** Loads OpenTelemetry (only when traces are asked for) and makes the tracer; nothing is sent yet. */
export async function createTracer(
  settings: OtelTracerSettings,
  surroundings: OtelTracerSurroundings,
): Promise<Tracer> {
  const { OtelTracer } = await import('./otel-tracer.js');
  return new OtelTracer(settings, surroundings);
}
