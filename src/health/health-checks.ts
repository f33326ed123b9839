import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import {
  HealthCheckNamed,
  type HealthCheckOf,
  type HealthReport,
} from '../contracts/ports/health-check.port.js';

/** A check that does not answer within this is down: a probe must not hang with what it looks at. */
const CHECK_TIMEOUT_MS = 2_500;

interface NamedCheck {
  readonly name: string;
  readonly required: boolean;
  readonly check: HealthCheckOf;
}

/** All health checks of the house, found by their decorator. */
@Injectable()
export class HealthChecks implements OnModuleInit {
  private checks: readonly NamedCheck[] = [];

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly indicators: HealthIndicatorService,
  ) {}

  onModuleInit(): void {
    this.checks = this.discovery.getProviders({ metadataKey: HealthCheckNamed.KEY }).flatMap((wrapper) => {
      const marked = this.discovery.getMetadataByDecorator(HealthCheckNamed, wrapper);
      if (marked === undefined) return [];
      return [
        { name: marked.name, required: marked.required ?? false, check: wrapper.instance as HealthCheckOf },
      ];
    });
  }

  /** One indicator for each check. A part that is down but not required only degrades the whole. */
  all(): (() => Promise<HealthIndicatorResult>)[] {
    return this.checks.map((named) => () => this.indicate(named));
  }

  /** Only what readiness depends on. */
  required(): (() => Promise<HealthIndicatorResult>)[] {
    return this.checks.filter(({ required }) => required).map((named) => () => this.indicate(named));
  }

  private async indicate({ name, required, check }: NamedCheck): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check(name);
    const { status, details = {} } = await reportOf(check);
    if (status === 'up') return indicator.up(details);
    return status === 'down' && required ? indicator.down(details) : indicator.degraded(details);
  }
}

async function reportOf(check: HealthCheckOf): Promise<HealthReport> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<HealthReport>((resolve) => {
    timer = setTimeout(
      () => resolve({ status: 'down', details: { reason: 'no answer in time' } }),
      CHECK_TIMEOUT_MS,
    );
  });
  try {
    return await Promise.race([check.check(), timeout]);
  } catch (error) {
    return { status: 'down', details: { reason: (error as Error).message } };
  } finally {
    clearTimeout(timer);
  }
}
