import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { AppError } from '../contracts/errors.js';
import { AccessCredentials } from './access-credentials.js';
import type { AccessIdentity, AccessLevel, AccessRequest } from './access-request.js';
import { FAILURE_WINDOW_MS, FailureLimit } from './failure-limit.js';

/** Metadata key under which a route says which level it asks for. */
export const ACCESS_LEVEL = 'route:access-level';

/** Lets a request pass whose credential proves the level of its route, and puts the identity on it. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly credentials: AccessCredentials,
    private readonly failures: FailureLimit,
    @InjectPinoLogger(AccessGuard.name) private readonly logger: PinoLogger,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    const level = this.reflector.getAllAndOverride<AccessLevel>(ACCESS_LEVEL, targets);
    const request = context.switchToHttp().getRequest<AccessRequest>();
    request.access = await this.prove(request, level);
    return true;
  }

  /** @throws AppError `ACCESS.*` unless the request carries a credential of at least this level. */
  async prove(request: AccessRequest, level: AccessLevel): Promise<AccessIdentity> {
    if (!this.credentials.canProve(level)) {
      throw new AppError('ACCESS.NOT_CONFIGURED', `no ${level} token is configured (${SETTING_OF[level]})`);
    }
    const identity = await this.identify(request);
    if (level === 'admin' && identity.level !== 'admin') {
      throw new AppError('ACCESS.FORBIDDEN', 'this needs an admin token, and a reader token was given');
    }
    return identity;
  }

  private async identify(request: AccessRequest): Promise<AccessIdentity> {
    const { ip, id: correlationId } = request;
    const waitMs = await this.failures.waitMs(ip);
    if (waitMs > 0) throw tooManyFailures(waitMs);
    const result = await this.credentials.check(request);
    switch (result.type) {
      case 'proven':
        return result.identity;
      case 'absent':
        throw new AppError('ACCESS.DENIED', 'a token is needed: Authorization: Bearer <token>');
      case 'wrong':
        this.logger.warn({ address: ip, correlationId }, 'access.denied');
        if ((await this.failures.count(ip)).isOverLimit) throw tooManyFailures(FAILURE_WINDOW_MS);
        throw new AppError('ACCESS.DENIED', 'the credential is not right');
    }
  }
}

function tooManyFailures(afterMs: number): AppError {
  const reason = 'too many wrong credentials came from this address';
  return new AppError('ACCESS.TOO_MANY_FAILURES', reason, { afterMs });
}

const SETTING_OF: Record<AccessLevel, string> = {
  admin: 'ADMIN_TOKENS',
  reader: 'READER_TOKENS or ADMIN_TOKENS',
};
