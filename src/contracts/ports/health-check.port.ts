import { DiscoveryService } from '@nestjs/core';
import type { JsonObject } from '../json.js';

export interface HealthReport {
  /** `down` makes the service unready only for a check marked `required`. */
  readonly status: 'up' | 'degraded' | 'down';
  readonly details?: JsonObject;
}

/** A part's own health check; `health/` knows none of them by name. Must answer quickly and never throw. */
export interface HealthCheckOf {
  check(): Promise<HealthReport>;
}

/** Marks a provider as a health check: `@HealthCheckNamed({ name: 'warehouse' })`. */
export const HealthCheckNamed = DiscoveryService.createDecorator<{ name: string; required?: boolean }>();
