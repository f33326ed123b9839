import type { Lookup } from './zoho-crm.data.js';
import type { SimulatorAnswer } from './zoho-errors.js';

export interface ZohoUser {
  readonly id: string;
  readonly full_name: string;
  readonly email: string;
  readonly status: 'active' | 'disabled';
}

/** The users of the organisation: GET /crm/v8/users?type=ActiveUsers (crm-oas v8.0 users; scope ZohoCRM.users.READ). */
export class ZohoUsers {
  readonly all: ZohoUser[] = [];

  /** @param ofToken whose refresh token the service has; owns what names no owner. */
  constructor(readonly ofToken: Lookup) {
    this.all.push({
      id: ofToken.id,
      full_name: ofToken.name,
      email: 'p.boyle@example.com',
      status: 'active',
    });
  }

  add(name: string, email: string, status: ZohoUser['status'] = 'active'): string {
    const id = `6890123000000012${String(100 + this.all.length)}`;
    this.all.push({ id, full_name: name, email, status });
    return id;
  }

  /** Undefined for nobody, and for a user who is not active. */
  lookup(id: string): Lookup | undefined {
    const user = this.all.find((one) => one.id === id && one.status === 'active');
    return user === undefined ? undefined : { id: user.id, name: user.full_name };
  }

  answer(query: URLSearchParams): SimulatorAnswer {
    const isActive = query.get('type') === 'ActiveUsers';
    const perPage = Math.min(Number(query.get('per_page') ?? 200), 200);
    const page = Number(query.get('page') ?? 1);
    const found = this.all.filter(({ status }) => !isActive || status === 'active');
    const users = found.slice((page - 1) * perPage, page * perPage);
    if (users.length === 0) return { status: 204 };
    const info = {
      per_page: perPage,
      count: users.length,
      page,
      more_records: found.length > page * perPage,
    };
    return { status: 200, body: { users, info } };
  }
}
