import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { AccessCredential, type AccessCredentialOf, type CredentialResult } from './access-credential.js';
import type { AccessLevel, AccessRequest } from './access-request.js';

/** The ways of proving who is asking, found by their decorator, in their order. */
@Injectable()
export class AccessCredentials implements OnModuleInit {
  private credentials: readonly AccessCredentialOf[] = [];

  constructor(private readonly discovery: DiscoveryService) {}

  onModuleInit(): void {
    this.credentials = this.discovery
      .getProviders({ metadataKey: AccessCredential.KEY })
      .map((wrapper) => ({
        order: this.discovery.getMetadataByDecorator(AccessCredential, wrapper)?.order ?? 0,
        credential: wrapper.instance as AccessCredentialOf,
      }))
      .sort((left, right) => left.order - right.order)
      .map(({ credential }) => credential);
  }

  canProve(level: AccessLevel): boolean {
    return this.credentials.some((credential) => credential.canProve(level));
  }

  /** The answer of the first credential that the request carries; `absent` when it carries none. */
  async check(request: AccessRequest): Promise<CredentialResult> {
    for (const credential of this.credentials) {
      const result = await credential.check(request);
      if (result.type !== 'absent') return result;
    }
    return { type: 'absent' };
  }
}
