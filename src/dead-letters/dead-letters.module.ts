import { Module } from '@nestjs/common';
import { DeadLetterMetrics } from './dead-letter-metrics.js';

/**
 * Owns what retrying cannot mend: for now its counts; inspecting and replaying come with the operator's
 * desk. Must not know stages or vendors.
 */
@Module({ providers: [DeadLetterMetrics] })
export class DeadLettersModule {}
