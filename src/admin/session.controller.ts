import { Controller, Delete, Get, Header, HttpCode, Post, Req, Res } from '@nestjs/common';
import { AccessGuard } from '../access/access.guard.js';
import type { AccessLevel } from '../access/access-request.js';
import { isOfOurOrigin, sessionCookie, sessionIdIn } from '../access/session-cookie.js';
import { Sessions } from '../access/sessions.js';
import { AppError } from '../contracts/errors.js';
import { PublicRoute } from '../contracts/public-route.js';
import { type AdminRequest } from './audit.interceptor.js';
import { AuditLog } from './audit-log.js';
import { JsonBody } from './json-body.decorator.js';
import { SessionRequest } from './session.request.js';
import { SIGN_IN_PAGE, SIGN_IN_POLICY } from './sign-in.page.js';
import { Documented } from '../openapi/documented.decorator.js';
import { SESSION_API } from './session.openapi.js';

type BrowserRequest = Omit<AdminRequest, 'access'> & { readonly protocol: string };

interface CookieReply {
  header(name: string, value: string): unknown;
}

/** `/admin/session`: a token becomes a cookie, for people with a browser. */
@Controller('admin')
@Documented(SESSION_API)
export class SessionController {
  constructor(
    private readonly guard: AccessGuard,
    private readonly sessions: Sessions,
    private readonly audit: AuditLog,
  ) {}

  @Get('sign-in')
  @PublicRoute('who signs in has nothing to show yet')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', SIGN_IN_POLICY)
  @Header('cache-control', 'no-store')
  page(): string {
    return SIGN_IN_PAGE;
  }

  @Post('session')
  @HttpCode(200)
  @PublicRoute('the token is in the body, and is checked as that of a header would be')
  async begin(
    @JsonBody(SessionRequest) { token }: SessionRequest,
    @Req() request: BrowserRequest,
    @Res({ passthrough: true }) reply: CookieReply,
  ): Promise<{ name: string; level: AccessLevel }> {
    refuseOtherOrigins(request);
    const { id: correlationId, ip, method } = request;
    const headers = { authorization: `Bearer ${token}` };
    const identity = await this.guard.prove({ id: correlationId, ip, method, headers }, 'reader');
    const sessionId = await this.sessions.begin(identity, token);
    const action = { who: identity.name, what: 'POST /admin/session', from: ip, correlationId };
    await this.audit.end(await this.audit.begin(action), action, 'done', null);
    reply.header('set-cookie', sessionCookie(sessionId, request.protocol === 'https'));
    return { name: identity.name, level: identity.level };
  }

  @Delete('session')
  @HttpCode(200)
  @PublicRoute('who has a session may end it, and who has none changes nothing')
  async end(
    @Req() request: BrowserRequest,
    @Res({ passthrough: true }) reply: CookieReply,
  ): Promise<{ ended: true }> {
    refuseOtherOrigins(request);
    const id = sessionIdIn(request);
    if (id !== undefined) await this.sessions.end(id);
    reply.header('set-cookie', sessionCookie(undefined, request.protocol === 'https'));
    return { ended: true };
  }
}

/** A page of somebody else must not sign its visitor in or out. */
function refuseOtherOrigins(request: BrowserRequest): void {
  if (isOfOurOrigin(request)) return;
  throw new AppError('ACCESS.FORBIDDEN', 'sessions are for pages of this address (Origin); else use a token');
}
