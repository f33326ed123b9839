import { applyDecorators, SetMetadata, UseGuards } from '@nestjs/common';
import { ACCESS_LEVEL, AccessGuard } from './access.guard.js';

/** Guards a controller or route: admin tokens only. */
export function AdminOnly(): ClassDecorator & MethodDecorator {
  return applyDecorators(SetMetadata(ACCESS_LEVEL, 'admin'), UseGuards(AccessGuard));
}
