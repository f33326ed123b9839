import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { type VendorAdapter, VendorAdapterFor } from '../contracts/ports/vendor-adapter.port.js';
import { type Vendor, VENDORS } from '../contracts/vendor.js';

/** The vendors' adapters by name. Start-up refuses a vendor without an adapter, or with two. */
@Injectable()
export class VendorAdapters implements OnModuleInit {
  private readonly byVendor = new Map<Vendor, VendorAdapter>();

  constructor(private readonly discovery: DiscoveryService) {}

  onModuleInit(): void {
    for (const wrapper of this.discovery.getProviders({ metadataKey: VendorAdapterFor.KEY })) {
      const vendor = this.discovery.getMetadataByDecorator(VendorAdapterFor, wrapper);
      if (vendor === undefined) continue;
      if (this.byVendor.has(vendor)) {
        throw new Error(`two adapters for ${vendor}: keep one @VendorAdapterFor('${vendor}')`);
      }
      this.byVendor.set(vendor, wrapper.instance as VendorAdapter);
    }
    const missing = VENDORS.filter((vendor) => !this.byVendor.has(vendor));
    if (missing.length > 0) {
      throw new Error(
        `no adapter for ${missing.join(', ')}: add a provider with @VendorAdapterFor('${missing[0]}')`,
      );
    }
  }

  /** The adapter of a vendor; there always is one after start-up. */
  of(vendor: Vendor): VendorAdapter {
    const adapter = this.byVendor.get(vendor);
    if (adapter === undefined) throw new Error(`no adapter for ${vendor}`);
    return adapter;
  }
}
