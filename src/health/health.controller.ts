import { Controller, Get, ServiceUnavailableException } from '@nestjs/common';
import { HealthCheck, type HealthCheckResult, HealthCheckService } from '@nestjs/terminus';
import { PublicRoute } from '../contracts/public-route.js';
import { HealthChecks } from './health-checks.js';
import { Lifecycle } from './lifecycle.js';
import { Documented } from '../openapi/documented.decorator.js';
import { HEALTH_API } from './health.openapi.js';

/** `GET /health`: every part. `/health/live` and `/health/ready`: the probes of Kubernetes. */
@Controller('health')
@Documented(HEALTH_API)
export class HealthController {
  constructor(
    private readonly terminus: HealthCheckService,
    private readonly checks: HealthChecks,
    private readonly lifecycle: Lifecycle,
  ) {}

  @Get()
  @PublicRoute('load balancers and people look here; holds states and counts only')
  @HealthCheck()
  all(): Promise<HealthCheckResult> {
    return this.terminus.check(this.checks.all());
  }

  /** Never depends on another system: restarting us would not mend it. */
  @Get('live')
  @PublicRoute('kubernetes liveness probe')
  live(): { status: 'up' } {
    return { status: 'up' };
  }

  @Get('ready')
  @PublicRoute('kubernetes readiness probe')
  @HealthCheck()
  ready(): Promise<HealthCheckResult> {
    const { state } = this.lifecycle;
    if (state !== 'ready') throw new ServiceUnavailableException(`the service is ${state}`);
    return this.terminus.check(this.checks.required());
  }
}
