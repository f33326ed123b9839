import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import {
  HealthCheckNamed,
  type HealthCheckOf,
  type HealthReport,
} from '../../contracts/ports/health-check.port.js';

interface Outcome {
  readonly at: string;
  /** Of the error; null where the call succeeded. */
  readonly code: string | null;
}

/** Health of Zoho: how the last real call went. None is made for the sake of health: each costs a credit. */
@Injectable()
@HealthCheckNamed({ name: 'zoho' })
export class ZohoLastCall implements HealthCheckOf {
  private last?: Outcome;

  constructor(private readonly config: AppConfig) {}

  note(code: string | null): void {
    this.last = { at: new Date().toISOString(), code };
  }

  async check(): Promise<HealthReport> {
    if (!this.config.hasZohoCredentials) return { status: 'up', details: { configured: false } };
    if (this.last === undefined) return { status: 'up', details: { configured: true, lastCall: null } };
    const { at, code } = this.last;
    const details = { configured: true, lastCall: at, ...(code !== null && { error: code }) };
    return { status: code === null ? 'up' : 'degraded', details };
  }
}
