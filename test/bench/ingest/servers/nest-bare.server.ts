import 'reflect-metadata';
import { Controller, Get, HttpCode, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';

/** The smallest Nest application with the route: what its memory is compared with. */
@Controller()
class BareController {
  @Get('health')
  health(): { status: string } {
    return { status: 'ok' };
  }

  @Post('webhooks/zoho')
  @HttpCode(200)
  receive(): { status: string } {
    return { status: 'accepted' };
  }
}

@Module({ controllers: [BareController] })
class BareModule {}

async function main(): Promise<void> {
  const app = await NestFactory.create<NestFastifyApplication>(BareModule, new FastifyAdapter(), {
    logger: false,
  });
  await app.listen(Number(process.env.PORT), '127.0.0.1');
}

void main();
