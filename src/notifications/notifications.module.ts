import { Global, Module } from '@nestjs/common';
import { Notifier } from '../contracts/ports/notifier.port.js';
import { RedisNotifier } from './redis-notifier.js';

/**
 * Owns how agents are told: channels, message ids, streams to catch up from. Must not know stages, vendors
 * or rows; it is handed drafts.
 */
@Global()
@Module({ providers: [{ provide: Notifier, useClass: RedisNotifier }], exports: [Notifier] })
export class NotificationsModule {}
