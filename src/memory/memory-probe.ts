import type { HealthReport } from '../contracts/ports/health-check.port.js';

/** How the chosen memory says that it is well. */
export interface MemoryProbe {
  probe(): Promise<HealthReport>;
}

export const MemoryProbe = Symbol('MemoryProbe');
