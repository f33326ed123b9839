import { applyDecorators, SetMetadata, UseGuards } from '@nestjs/common';
import { ACCESS_LEVEL, AccessGuard } from './access.guard.js';

/** Guards a controller or route: reader tokens, and admin tokens. */
export function ReaderOnly(): ClassDecorator & MethodDecorator {
  return applyDecorators(SetMetadata(ACCESS_LEVEL, 'reader'), UseGuards(AccessGuard));
}
