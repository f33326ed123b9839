import type { DiscoveryService } from '@nestjs/core';
import type { Vendor } from '../contracts/vendor.js';
import { VendorAdapters } from './vendor-adapters.js';

/** The adapters of a house with providers for these vendors, before its start. */
function adaptersFor(...vendors: (Vendor | undefined)[]): VendorAdapters {
  const wrappers = vendors.map((vendor) => ({ vendor, instance: { of: vendor } }));
  const discovery = {
    getProviders: () => wrappers,
    getMetadataByDecorator: (_decorator: unknown, wrapper: (typeof wrappers)[number]) => wrapper.vendor,
  };
  return new VendorAdapters(discovery as unknown as DiscoveryService);
}

describe('the adapters of the vendors', () => {
  it('are found by their vendor', () => {
    const adapters = adaptersFor('zoho', undefined, 'gong');
    adapters.onModuleInit();
    expect(adapters.of('gong')).toEqual({ of: 'gong' });
    expect(adapters.of('zoho')).toEqual({ of: 'zoho' });
  });

  it.each([
    [['gong'], "no adapter for zoho: add a provider with @VendorAdapterFor('zoho')"],
    [[undefined], "no adapter for gong, zoho: add a provider with @VendorAdapterFor('gong')"],
    [['gong', 'zoho', 'gong'], "two adapters for gong: keep one @VendorAdapterFor('gong')"],
  ] as [(Vendor | undefined)[], string][])('%j refuse to start: %s', (vendors, problem) => {
    expect(() => adaptersFor(...vendors).onModuleInit()).toThrow(problem);
  });

  it('are none before the start', () => {
    expect(() => adaptersFor('gong', 'zoho').of('gong')).toThrow('no adapter for gong');
  });
});
