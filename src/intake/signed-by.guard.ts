import {
  applyDecorators,
  type CanActivate,
  type ExecutionContext,
  Injectable,
  SetMetadata,
  UseGuards,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AppConfig } from '../config/app-config.js';
import { AppError } from '../contracts/errors.js';
import type { Vendor } from '../contracts/vendor.js';
import { VendorAdapters } from '../vendors/vendor-adapters.js';
import type { WebhookRequest } from './webhook-request.js';

const SIGNED_BY = 'webhook:signed-by';

/**
 * Lets a webhook pass only when its vendor's adapter has proven the sender, on the raw bytes and before
 * anything is parsed.
 */
@Injectable()
export class SignedByGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly adapters: VendorAdapters,
    private readonly config: AppConfig,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (!this.config.WEBHOOK_ENABLED) throw new AppError('INTAKE.DISABLED', 'webhooks are switched off');
    const vendor = this.reflector.getAllAndOverride<Vendor>(SIGNED_BY, [
      context.getHandler(),
      context.getClass(),
    ]);
    const request = context.switchToHttp().getRequest<WebhookRequest>();
    const { headers, url } = request;
    request.sender = await this.adapters
      .of(vendor)
      .verify({ body: request.body ?? Buffer.alloc(0), headers, url });
    return true;
  }
}

/** Guards a controller or route by the signature of a vendor: `@SignedBy('gong')`. */
export function SignedBy(vendor: Vendor): ClassDecorator & MethodDecorator {
  return applyDecorators(SetMetadata(SIGNED_BY, vendor), UseGuards(SignedByGuard));
}
