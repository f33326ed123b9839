import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { TerminusModule } from '@nestjs/terminus';
import { HealthChecks } from './health-checks.js';
import { HealthController } from './health.controller.js';
import { Lifecycle } from './lifecycle.js';

/**
 * Owns the probes. Each part brings its own check, marked @HealthCheckNamed; this folder must not know any
 * of them.
 */
@Module({
  imports: [TerminusModule.forRoot({ logger: false }), DiscoveryModule],
  controllers: [HealthController],
  providers: [HealthChecks, Lifecycle],
})
export class HealthModule {}
