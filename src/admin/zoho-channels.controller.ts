import { Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Req } from '@nestjs/common';
import { AppError } from '../contracts/errors.js';
import {
  type ZohoChannel,
  type ZohoChannelHealth,
  type ZohoChannelOutcome,
  ZohoChannels,
  type ZohoChannelWithToken,
} from '../contracts/ports/zoho-channels.port.js';
import { AdminRoute } from './admin-route.decorator.js';
import type { AdminRequest } from './audit.interceptor.js';
import { JsonBody } from './json-body.decorator.js';
import { ChangeChannelRequest, RegisterChannelRequest } from './zoho-channel.queries.js';
import { Documented } from '../openapi/documented.decorator.js';
import { ZOHO_CHANNELS_API } from './zoho-channels.openapi.js';

/** `/admin/zoho/channels`: by which Zoho CRM notifies us. A token is shown once, by the answer that made it. */
@Controller('admin/zoho/channels')
@AdminRoute()
@Documented(ZOHO_CHANNELS_API)
export class ZohoChannelsController {
  constructor(@Inject(ZohoChannels) private readonly channels: ZohoChannels) {}

  @Get()
  async list(): Promise<{ items: readonly ZohoChannel[] }> {
    return { items: await this.channels.list() };
  }

  @Get('health')
  health(): Promise<ZohoChannelHealth> {
    return this.channels.health();
  }

  @Get(':id')
  async one(@Param('id') id: string): Promise<ZohoChannel> {
    return found(await this.channels.find(id));
  }

  @Post()
  @HttpCode(200)
  async register(
    @JsonBody(RegisterChannelRequest) wish: RegisterChannelRequest,
    @Req() request: AdminRequest,
  ): Promise<{ items: readonly ZohoChannelOutcome[] }> {
    return noted(await this.channels.register(wish), request);
  }

  @Post('defaults')
  @HttpCode(200)
  async defaults(@Req() request: AdminRequest): Promise<{ items: readonly ZohoChannelOutcome[] }> {
    return noted(await this.channels.registerDefaults(), request);
  }

  @Patch(':id')
  async change(
    @Param('id') id: string,
    @JsonBody(ChangeChannelRequest) change: ChangeChannelRequest,
  ): Promise<ZohoChannel> {
    return found(await this.channels.change(id, change));
  }

  @Delete(':id')
  @HttpCode(200)
  async remove(@Param('id') id: string): Promise<{ removed: true; id: string }> {
    if (!(await this.channels.remove(id))) throw notFound();
    return { removed: true, id };
  }

  @Post(':id/renew')
  @HttpCode(200)
  async renew(@Param('id') id: string): Promise<ZohoChannel> {
    return found(await this.channels.renew(id));
  }

  @Post(':id/rotate-token')
  @HttpCode(200)
  async rotateToken(@Param('id') id: string): Promise<ZohoChannelWithToken> {
    return found(await this.channels.rotateToken(id));
  }
}

function noted(
  items: readonly ZohoChannelOutcome[],
  request: AdminRequest,
): { items: readonly ZohoChannelOutcome[] } {
  request.auditNote = items.map(({ module, outcome }) => `${module} ${outcome}`).join(', ');
  return { items };
}

function found<T extends ZohoChannel>(channel: T | undefined): T {
  if (channel === undefined) throw notFound();
  return channel;
}

function notFound(): AppError {
  return new AppError('REQUEST.NOT_FOUND', 'there is no such channel');
}
