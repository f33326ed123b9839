import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { DocsController } from './docs.controller.js';
import { OpenApiDocument } from './openapi-document.js';
import { RouteFinder } from './route-finder.js';

/**
 * Owns the OpenAPI document and its page. A controller describes its routes in a file `*.openapi.ts` beside it, which
 * `@Documented` ties to it; this folder finds them by that decorator, and must not know any of them.
 */
@Module({
  imports: [DiscoveryModule],
  controllers: [DocsController],
  providers: [OpenApiDocument, RouteFinder],
})
export class OpenApiModule {}
