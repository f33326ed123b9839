import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { VendorAdapters } from './vendor-adapters.js';

/**
 * Owns the register of vendor adapters, which intake and pipeline both ask. It finds them by their
 * decorator and must not know any of them by name.
 */
@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [VendorAdapters],
  exports: [VendorAdapters, DiscoveryModule],
})
export class VendorsModule {}
