import 'reflect-metadata';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { BullModule, InjectQueue } from '@nestjs/bullmq';
import {
  Body,
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  HttpCode,
  Injectable,
  Module,
  Post,
  type RawBodyRequest,
  UseGuards,
  ValidationPipe,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Queue } from 'bullmq';
import { IsArray, IsIn, IsObject, IsOptional, IsString } from 'class-validator';
import { Logger, LoggerModule } from 'nestjs-pino';

/**
 * A webhook endpoint as the tutorials of NestJS write it: raw body, a guard with an HMAC, a DTO behind the
 * ValidationPipe, nestjs-pino as it comes, and `queue.add`. Nothing is deduplicated and nothing is refused when
 * the queue is full.
 */
class ZohoEventDto {
  @IsString()
  event_id!: string;

  @IsString()
  module!: string;

  @IsIn(['insert', 'update', 'delete'])
  operation!: string;

  @IsArray()
  @IsString({ each: true })
  ids!: string[];

  @IsOptional()
  @IsObject()
  data?: Record<string, unknown>;
}

@Injectable()
class SignatureGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context
      .switchToHttp()
      .getRequest<RawBodyRequest<{ headers: Record<string, string | undefined> }>>();
    const expected = createHmac('sha256', process.env.BENCH_SECRET ?? '')
      .update(request.rawBody ?? '')
      .digest();
    const given = Buffer.from(request.headers['x-zoho-signature'] ?? '', 'hex');
    return given.length === expected.length && timingSafeEqual(given, expected);
  }
}

@Controller()
class TutorialController {
  constructor(@InjectQueue('events') private readonly queue: Queue) {}

  @Get('health')
  health(): { status: string } {
    return { status: 'ok' };
  }

  @Post('webhooks/zoho')
  @HttpCode(200)
  @UseGuards(SignatureGuard)
  async receive(@Body() event: ZohoEventDto): Promise<{ status: string }> {
    await this.queue.add('process-event', event, {
      attempts: 3,
      backoff: { type: 'exponential', delay: 2000 },
      removeOnComplete: true,
    });
    return { status: 'accepted' };
  }
}

@Module({
  imports: [
    LoggerModule.forRoot(),
    BullModule.forRoot({ connection: { host: '127.0.0.1', port: Number(process.env.BENCH_REDIS_PORT) } }),
    BullModule.registerQueue({ name: 'events' }),
  ],
  controllers: [TutorialController],
})
class TutorialModule {}

async function main(): Promise<void> {
  const app = await NestFactory.create<NestFastifyApplication>(TutorialModule, new FastifyAdapter(), {
    rawBody: true,
    bufferLogs: true,
  });
  app.useLogger(app.get(Logger));
  app.useGlobalPipes(new ValidationPipe({ transform: true, whitelist: true }));
  await app.listen(Number(process.env.PORT), '127.0.0.1');
}

void main();
