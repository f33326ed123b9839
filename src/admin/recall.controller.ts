import { Controller, Get, Inject } from '@nestjs/common';
import { IsOptional, IsString, Matches, MaxLength, MinLength } from 'class-validator';
import { Memory, type Recollection } from '../contracts/ports/memory.port.js';
import { AdminRoute } from './admin-route.decorator.js';
import { CheckedQuery } from './json-body.decorator.js';

const USUAL_ANSWERS = 5;

/** `?q=who wants a discount&limit=5` */
export class RecallQuery {
  @IsString()
  @MinLength(1)
  @MaxLength(1_000)
  q: string = '';

  @IsOptional()
  @Matches(/^([1-9]|1\d|20)$/, { message: 'limit must be a number from 1 to 20' })
  limit?: string;
}

/** `GET /admin/recall`: what the account memory answers, as agents would hear it. */
@Controller('admin/recall')
@AdminRoute()
export class RecallController {
  constructor(@Inject(Memory) private readonly memory: Memory) {}

  @Get()
  async recall(
    @CheckedQuery(RecallQuery) { q, limit }: RecallQuery,
  ): Promise<{ items: readonly Recollection[] }> {
    return { items: await this.memory.recall(q, limit === undefined ? USUAL_ANSWERS : Number(limit)) };
  }
}
