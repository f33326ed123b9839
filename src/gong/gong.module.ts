import { Module } from '@nestjs/common';
import { GongAdapter } from './gong.adapter.js';
import { GongTokenVerifier } from './gong-token.verifier.js';

/**
 * Owns all that knows Gong: the token of its webhooks, the shape of its payloads, its rows. The rest of the
 * house meets it through the VendorAdapter port. Must not know queues, warehouses or channels.
 */
@Module({ providers: [GongAdapter, GongTokenVerifier] })
export class GongModule {}
