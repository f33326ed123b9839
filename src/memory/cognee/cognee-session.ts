import type { CogneeAnswer } from './cognee-errors.js';
import { errorOfAnswer, loginRefused, noAnswer } from './cognee-errors.js';
import type { CogneeCredentials } from './cognee-settings.js';

const LOGIN_PATH = '/api/v1/auth/login';

/** What a login may be refused with: LOGIN_BAD_CREDENTIALS comes with 400 (fastapi-users). */
const REFUSALS: ReadonlySet<number> = new Set([400, 401, 403, 422]);

export type AuthHeaders = Readonly<Record<string, string>>;

/** Posts a form without credentials. */
export type PostForm = (path: string, form: URLSearchParams) => Promise<CogneeAnswer>;

/**
 * The credentials of this process. An API key is sent as it is; a login gives a token (JWT, one hour), which
 * all requests share until one of them finds it expired.
 */
export class CogneeSession {
  private token?: Promise<AuthHeaders>;

  constructor(
    private readonly credentials: CogneeCredentials,
    private readonly postForm: PostForm,
  ) {}

  /** @throws AppError `MEMORY.UNAUTHORIZED` when user name or password are wrong. */
  async headers(): Promise<AuthHeaders> {
    switch (this.credentials.type) {
      case 'none':
        return {};
      case 'api-key':
        return { 'x-api-key': this.credentials.apiKey };
      case 'login':
        this.token ??= this.logIn(this.credentials.username, this.credentials.password);
        return this.token;
    }
  }

  /**
   * After a 401 with these headers.
   * @returns whether new ones can be had, so that the request should be sent again.
   */
  async renew(expired: AuthHeaders): Promise<boolean> {
    if (this.credentials.type !== 'login') return false;
    // Another request may have renewed it in the meantime.
    if ((await this.headers()) === expired) this.token = undefined;
    return true;
  }

  private async logIn(username: string, password: string): Promise<AuthHeaders> {
    try {
      const answer = await this.postForm(LOGIN_PATH, new URLSearchParams({ username, password }));
      return { authorization: `Bearer ${tokenOf(answer)}` };
    } catch (error) {
      this.token = undefined;
      throw error;
    }
  }
}

function tokenOf(answer: CogneeAnswer): string {
  const route = `POST ${LOGIN_PATH}`;
  if (REFUSALS.has(answer.status)) throw loginRefused(answer.status);
  if (answer.status >= 300) throw errorOfAnswer(route, answer);
  const { access_token: token } = (answer.body ?? {}) as { access_token?: unknown };
  if (typeof token !== 'string') throw noAnswer(route, 'no token in the answer');
  return token;
}
