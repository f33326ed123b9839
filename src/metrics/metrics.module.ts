import { Global, Module } from '@nestjs/common';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import { METRIC_PROVIDERS } from './metric.providers.js';
import { MetricsController } from './metrics.controller.js';

/**
 * Owns the Prometheus registry and the definition of every metric (metric.providers.ts); the features
 * inject the ones they feed by name. Must not know any feature.
 */
@Global()
@Module({
  imports: [PrometheusModule.register({ path: '/metrics', controller: MetricsController })],
  providers: METRIC_PROVIDERS,
  exports: METRIC_PROVIDERS,
})
export class MetricsModule {}
