import { Inject, Injectable } from '@nestjs/common';
import {
  HealthCheckNamed,
  type HealthCheckOf,
  type HealthReport,
} from '../contracts/ports/health-check.port.js';
import { MemoryProbe } from './memory-probe.js';

/** The health of whichever memory is configured. Without it events wait and nothing is lost. */
@Injectable()
@HealthCheckNamed({ name: 'memory' })
export class MemoryHealthCheck implements HealthCheckOf {
  constructor(@Inject(MemoryProbe) private readonly memory: MemoryProbe) {}

  check(): Promise<HealthReport> {
    return this.memory.probe();
  }
}
