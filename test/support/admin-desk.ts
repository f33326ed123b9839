export const ADMIN_TOKEN = 'an-admin-token-of-at-least-32-characters';
export const READER_TOKEN = 'a-reader-token-of-at-least-32-characters';
export const DESK_TOKENS = { ADMIN_TOKENS: `anna:${ADMIN_TOKEN}`, READER_TOKENS: `robot:${READER_TOKEN}` };

export interface DeskAnswer {
  readonly status: number;
  readonly body: Record<string, unknown> & { items?: Record<string, unknown>[]; nextCursor?: string | null };
}

/** Asks the admin routes of a service, as an operator's script does. */
export class AdminDesk {
  constructor(private readonly serviceUrl: string) {}

  async ask(method: string, path: string, body?: unknown, token = ADMIN_TOKEN): Promise<DeskAnswer> {
    const response = await fetch(`${this.serviceUrl}/admin${path}`, {
      method,
      headers: {
        ...(token !== '' && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as DeskAnswer['body'] };
  }

  get(path: string): Promise<DeskAnswer> {
    return this.ask('GET', path);
  }
}
