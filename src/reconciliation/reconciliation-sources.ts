import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import {
  type ReconciliationSource,
  ReconciliationSourceFor,
} from '../contracts/ports/reconciliation.port.js';
import { type Vendor, VENDORS } from '../contracts/vendor.js';

/** What the vendors' APIs list, by vendor. Start-up refuses a vendor that cannot be compared with. */
@Injectable()
export class ReconciliationSources implements OnModuleInit {
  private readonly byVendor = new Map<Vendor, ReconciliationSource>();

  constructor(private readonly discovery: DiscoveryService) {}

  onModuleInit(): void {
    for (const wrapper of this.discovery.getProviders({ metadataKey: ReconciliationSourceFor.KEY })) {
      const vendor = this.discovery.getMetadataByDecorator(ReconciliationSourceFor, wrapper);
      if (vendor !== undefined) this.byVendor.set(vendor, wrapper.instance as ReconciliationSource);
    }
    for (const vendor of VENDORS) this.of(vendor);
  }

  of(vendor: Vendor): ReconciliationSource {
    const source = this.byVendor.get(vendor);
    if (source === undefined) {
      throw new Error(`no source for ${vendor}: add a provider with @ReconciliationSourceFor('${vendor}')`);
    }
    return source;
  }
}
