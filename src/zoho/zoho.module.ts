import { Module } from '@nestjs/common';
import { ZohoAdapter } from './zoho.adapter.js';
import { ZohoSignatureVerifier } from './zoho-signature.verifier.js';

/**
 * Owns all that knows Zoho CRM: the proof of its webhooks, their many forms, its rows. The rest of the house
 * meets it through the VendorAdapter port. Must not know queues, warehouses or channels of Redis.
 */
@Module({ providers: [ZohoAdapter, ZohoSignatureVerifier] })
export class ZohoModule {}
