import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { catchError, concatMap, from, type Observable, throwError } from 'rxjs';
import type { GrantedRequest } from '../access/access-request.js';
import { AppError } from '../contracts/errors.js';
import { type AuditAction, AuditLog } from './audit-log.js';

/** A change that an operator asks for. */
export interface AdminRequest extends GrantedRequest {
  readonly url: string;
  /** Set by the route: a reason that was given, or how much was changed. Never a secret or a body. */
  auditNote?: string;
}

/** Writes every change of an operator into the audit log: before it is made, and with its result. */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  constructor(private readonly log: AuditLog) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<AdminRequest>();
    if (request.method === 'GET' || request.method === 'HEAD') return next.handle();
    const action = actionOf(request);
    const id = await this.log.begin(action);
    return next.handle().pipe(
      concatMap((answer: unknown) =>
        from(this.log.end(id, action, 'done', noteOf(request)).then(() => answer)),
      ),
      catchError((error: unknown) =>
        from(this.log.end(id, action, codeOf(error), noteOf(request))).pipe(
          concatMap(() => throwError(() => error)),
        ),
      ),
    );
  }
}

/** Without the query: it says nothing that the change needs, and may be long. */
function actionOf({ access, method, url, ip, id }: AdminRequest): AuditAction {
  return { who: access.name, what: `${method} ${url.split('?')[0] ?? ''}`, from: ip, correlationId: id };
}

function codeOf(error: unknown): string {
  return error instanceof AppError ? error.code : 'INTERNAL';
}

function noteOf({ auditNote }: AdminRequest): string | null {
  return auditNote ?? null;
}
