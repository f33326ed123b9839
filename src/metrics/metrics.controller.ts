import { Controller, Get, Res } from '@nestjs/common';
import { PrometheusController } from '@willsoto/nestjs-prometheus';
import { PublicRoute } from '../contracts/public-route.js';
import { Documented } from '../openapi/documented.decorator.js';
import { METRICS_API } from './metrics.openapi.js';

interface HeaderReply {
  header(name: string, value: string): unknown;
}

/** `GET /metrics` in the Prometheus text format. */
@Controller()
@Documented(METRICS_API)
export class MetricsController extends PrometheusController {
  @Get()
  @PublicRoute('scraped inside the cluster; holds counts only')
  override index(@Res({ passthrough: true }) reply: HeaderReply): Promise<string> {
    return super.index(reply);
  }
}
