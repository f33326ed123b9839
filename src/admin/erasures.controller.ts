import { Controller, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { IsString, MaxLength } from 'class-validator';
import { AppError } from '../contracts/errors.js';
import { emailAddressIn } from '../contracts/mention.js';
import { type Erasure, Erasures } from '../contracts/ports/erasures.port.js';
import { AdminRoute } from './admin-route.decorator.js';
import type { AdminRequest } from './audit.interceptor.js';
import { JsonBody } from './json-body.decorator.js';

const MOST_LISTED = 100;
const LONGEST = 320;

/** Body of `POST /admin/erasures`. */
export class ErasureRequest {
  @IsString()
  @MaxLength(LONGEST)
  email: string = '';
}

/** `/admin/erasures`: forget one person everywhere, on the record and without the data. */
@Controller('admin/erasures')
@AdminRoute()
export class ErasuresController {
  constructor(@Inject(Erasures) private readonly erasures: Erasures) {}

  @Post()
  @HttpCode(202)
  async start(
    @JsonBody(ErasureRequest) request: ErasureRequest,
    @Req() admin: AdminRequest,
  ): Promise<Erasure> {
    const email = emailAddressIn(request.email);
    if (email === null) throw new AppError('REQUEST.INVALID', 'email must be an e-mail address');
    const erasure = await this.erasures.start(email, admin.access.name);
    admin.auditNote = `erasure ${erasure.id}`;
    return erasure;
  }

  @Get()
  async list(): Promise<{ items: readonly Erasure[] }> {
    return { items: await this.erasures.list(MOST_LISTED) };
  }

  @Get(':id')
  async one(@Param('id') id: string): Promise<Erasure> {
    const erasure = await this.erasures.find(id);
    if (erasure === undefined) throw new AppError('REQUEST.NOT_FOUND', 'there is no such erasure');
    return erasure;
  }
}
