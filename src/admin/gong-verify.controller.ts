import { Controller, Get, Inject } from '@nestjs/common';
import { LastDeliveries, type ProvenDelivery } from '../contracts/ports/last-deliveries.port.js';
import { AdminRoute } from './admin-route.decorator.js';

export interface GongVerification {
  /** When the last authentic delivery came, ISO 8601, UTC; null before the first. */
  readonly lastDeliveryAt: string | null;
  /** The last one by each key, the newest first: after a change of keys it tells which ones are still used. */
  readonly byKey: readonly ProvenDelivery[];
}

/** `GET /admin/gong/verify`: whether Gong's webhooks reach us and are proven. */
@Controller('admin/gong')
@AdminRoute()
export class GongVerifyController {
  constructor(@Inject(LastDeliveries) private readonly deliveries: LastDeliveries) {}

  @Get('verify')
  async verify(): Promise<GongVerification> {
    const byKey = await this.deliveries.of('gong');
    return { lastDeliveryAt: byKey[0]?.at ?? null, byKey };
  }
}
