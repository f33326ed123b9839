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
import { signedRequest, type WebhookRequest } from './webhook-request.js';

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
    const adapter = this.adapters.of(vendor);
    refuseOtherContent(request, adapter.contentTypes);
    request.sender = await adapter.verify(signedRequest(request));
    return true;
  }
}

/** A request without a body has no content type; it fails for want of a signature. */
function refuseOtherContent({ headers, body }: WebhookRequest, accepted: readonly string[]): void {
  const contentType = headers['content-type'];
  const type = typeof contentType === 'string' ? contentType.split(';')[0]?.trim().toLowerCase() : undefined;
  if (body === undefined || (type !== undefined && accepted.includes(type))) return;
  throw new AppError('REQUEST.UNSUPPORTED_MEDIA_TYPE', `bodies are taken as ${accepted.join(' or ')}`);
}

/** Guards a controller or route by the signature of a vendor: `@SignedBy('gong')`. */
export function SignedBy(vendor: Vendor): ClassDecorator & MethodDecorator {
  return applyDecorators(SetMetadata(SIGNED_BY, vendor), UseGuards(SignedByGuard));
}
