import { Injectable } from '@nestjs/common';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { isCoded } from '../../contracts/errors.js';
import type { Json } from '../../contracts/json.js';
import { ZohoApiClient } from '../api/zoho-api.client.js';
import { infoOf, isObject, isRecordId, textOf } from '../zoho-values.js';

/** People join and leave rarely, and each reading costs a credit. */
const KEPT_MS = 15 * 60_000;
const PAGE_ROWS = 200;

type Directory = ReadonlyMap<string, string>;

/** The active users of Zoho CRM by their e-mail address (crm-oas v8.0 users: `type=ActiveUsers`, scope ZohoCRM.users.READ). */
@Injectable()
export class ZohoUserDirectory {
  private read?: { readonly users: Promise<Directory>; readonly atMs: number };

  constructor(
    private readonly api: ZohoApiClient,
    @InjectPinoLogger(ZohoUserDirectory.name) private readonly logger: PinoLogger,
  ) {}

  /**
   * @returns the user's id; null where nobody has this address, or where the scope to see users is missing.
   * @throws AppError of the API client, for limits and faults.
   */
  async idOf(emailAddress: string): Promise<string | null> {
    return (await this.users()).get(emailAddress.toLowerCase()) ?? null;
  }

  private users(): Promise<Directory> {
    if (this.read === undefined || Date.now() - this.read.atMs > KEPT_MS) {
      const users = this.readAll();
      const read = { users, atMs: Date.now() };
      this.read = read;
      // Whoever waits for it is told; the next one asks again.
      users.catch(() => {
        if (this.read === read) this.read = undefined;
      });
    }
    return this.read.users;
  }

  private async readAll(): Promise<Directory> {
    const users = new Map<string, string>();
    try {
      for (let page = 1, hasMore = true; hasMore; page += 1) {
        const { body } = await this.api.send(1, () => ({
          method: 'GET',
          path: 'users',
          query: { type: 'ActiveUsers', page: String(page), per_page: String(PAGE_ROWS) },
        }));
        for (const [address, id] of usersIn(body)) users.set(address, id);
        hasMore = infoOf(body).more_records === true;
      }
    } catch (error) {
      if (!isCoded(error, 'ZOHO.FORBIDDEN')) throw error;
      // Tasks go to the owners of their accounts then.
      this.logger.warn({ reason: error.message }, 'zoho.users_not_readable');
    }
    return users;
  }
}

function usersIn(body: Json): (readonly [string, string])[] {
  const users = isObject(body) && Array.isArray(body.users) ? (body.users as Json[]) : [];
  return users.flatMap((user) => {
    if (!isObject(user) || !isRecordId(user.id)) return [];
    const address = textOf(user.email)?.toLowerCase();
    return address === undefined ? [] : [[address, user.id] as const];
  });
}
