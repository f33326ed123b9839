import { ADMIN_TOKEN, DESK_TOKENS, READER_TOKEN } from '../support/admin-desk.js';
import { GongHouse } from '../support/gong-house.js';

describe('a person with a browser', () => {
  let house: GongHouse;

  beforeAll(async () => {
    house = await GongHouse.open({ ...DESK_TOKENS, TRUST_PROXY: 'true' });
  });
  afterAll(() => house.close());

  function send(method: string, path: string, headers: Record<string, string> = {}, body?: unknown) {
    return fetch(`${house.service.url}/admin${path}`, {
      method,
      headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  async function signIn(token = ADMIN_TOKEN, headers: Record<string, string> = {}): Promise<string> {
    const answer = await send('POST', '/session', { origin: house.service.url, ...headers }, { token });
    expect(answer.status).toBe(200);
    return answer.headers.get('set-cookie') ?? '';
  }
  const pairOf = (cookie: string) => cookie.split(';')[0] ?? '';

  it('finds a page to sign in on, which runs nothing but its own script', async () => {
    const page = await send('GET', '/sign-in');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'sha256-/);
    expect(await page.text()).toContain('type="password"');
  });

  it('gets a cookie that scripts and other sites cannot use, and reads and changes with it', async () => {
    const cookie = await signIn();
    expect(cookie).toMatch(
      /^tributary_session=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/; Max-Age=43200$/,
    );
    const mine = { cookie: `other=1; ${pairOf(cookie)}` };
    expect((await send('GET', '/queues', mine)).status).toBe(200);
    const origin = house.service.url;
    expect((await send('POST', '/queues/events/resume', { ...mine, origin })).status).toBe(200);
    const audit = (await (await send('GET', '/audit?limit=2', mine)).json()) as { items: unknown[] };
    expect(audit.items).toMatchObject([
      { who: 'anna', what: 'POST /admin/queues/events/resume', result: 'done' },
      { who: 'anna', what: 'POST /admin/session', result: 'done' },
    ]);
  });

  it('gets it for https only where it came by https', async () => {
    expect(await signIn(ADMIN_TOKEN, { 'x-forwarded-proto': 'https' })).toMatch(/; Secure$/);
  });

  it('changes nothing from the page of somebody else', async () => {
    const mine = { cookie: pairOf(await signIn()) };
    for (const origin of ['https://evil.example', 'null', undefined]) {
      const headers = { ...mine, ...(origin !== undefined && { origin }) };
      expect((await send('POST', '/queues/events/resume', headers)).status).toBe(401);
      const other: Record<string, string> = origin === undefined ? {} : { origin };
      expect((await send('POST', '/session', other, { token: ADMIN_TOKEN })).status).toBe(403);
      expect((await send('DELETE', '/session', headers)).status).toBe(403);
    }
    expect((await send('GET', '/queues', mine)).status).toBe(200);
  });

  it('may do no more than the token', async () => {
    const mine = { cookie: pairOf(await signIn(READER_TOKEN)) };
    expect((await send('GET', '/queues', mine)).status).toBe(403);
  });

  it('is out after signing out, on every process', async () => {
    const cookie = pairOf(await signIn());
    const origin = house.service.url;
    const out = await send('DELETE', '/session', { cookie, origin });
    expect(out.status).toBe(200);
    expect(out.headers.get('set-cookie')).toContain('Max-Age=0');
    expect((await send('GET', '/queues', { cookie })).status).toBe(401);
  });

  it('is shut out after many wrong tokens, as with a header', async () => {
    const origin = house.service.url;
    const from = { origin, 'x-forwarded-for': '203.0.113.9' };
    const wrong = async () => (await send('POST', '/session', from, { token: 'wrong' })).status;
    const seen: number[] = [];
    for (let attempt = 0; attempt < 22; attempt += 1) seen.push(await wrong());
    expect(seen.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 401));
    expect(seen.at(-1)).toBe(429);
    expect((await send('POST', '/session', { origin }, {})).status).toBe(400);
  });
});
