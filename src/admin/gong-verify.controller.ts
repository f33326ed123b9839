import { Controller, Get, Inject } from '@nestjs/common';
import { type LastDelivery, SeenIndex } from '../contracts/ports/seen-index.port.js';
import { AdminRoute } from './admin-route.decorator.js';

/** `/admin/gong/verify`: Gong has no API for its rules, so that only what arrives tells whether they work. */
@Controller('admin/gong')
@AdminRoute()
export class GongVerifyController {
  constructor(@Inject(SeenIndex) private readonly seen: SeenIndex) {}

  @Get('verify')
  async verify(): Promise<{ lastDelivery: LastDelivery | null; byKey: readonly LastDelivery[] }> {
    const byKey = await this.seen.lastDeliveries('gong');
    return { lastDelivery: byKey[0] ?? null, byKey };
  }
}
