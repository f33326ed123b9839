import { Controller, Get, Inject } from '@nestjs/common';
import { type DeliveryReport, SeenIndex } from '../contracts/ports/seen-index.port.js';
import { AdminRoute } from './admin-route.decorator.js';
import { Documented } from '../openapi/documented.decorator.js';
import { GONG_VERIFY_API } from './gong-verify.openapi.js';

/** `/admin/gong/verify`: Gong has no API for its rules, so that only what arrives tells whether they work. */
@Controller('admin/gong')
@AdminRoute()
@Documented(GONG_VERIFY_API)
export class GongVerifyController {
  constructor(@Inject(SeenIndex) private readonly seen: SeenIndex) {}

  @Get('verify')
  async verify(): Promise<DeliveryReport> {
    const byKey = await this.seen.lastDeliveries('gong');
    return { lastDelivery: byKey[0] ?? null, byKey };
  }
}
