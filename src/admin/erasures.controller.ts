import { Controller, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { AppError } from '../contracts/errors.js';
import { emailAddressIn } from '../contracts/mention.js';
import { type Erasure, Erasures } from '../contracts/ports/erasures.port.js';
import { Documented } from '../openapi/documented.decorator.js';
import { AdminRoute } from './admin-route.decorator.js';
import type { AdminRequest } from './audit.interceptor.js';
import { ErasureRequest } from './erasure.request.js';
import { ERASURES_API } from './erasures.openapi.js';
import { JsonBody } from './json-body.decorator.js';

const MOST_LISTED = 100;
/** `/admin/erasures`: forget one person everywhere, on the record and without the data. */
@Controller('admin/erasures')
@AdminRoute()
@Documented(ERASURES_API)
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
