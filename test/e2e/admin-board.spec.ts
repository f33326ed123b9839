import { readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { appRoutes } from '@bull-board/api/dist/routes.js';
import { ADMIN_TOKEN, AdminDesk, DESK_TOKENS, READER_TOKEN } from '../support/admin-desk.js';
import { answerBody, GongHouse } from '../support/gong-house.js';
import { waitFor } from '../support/wait-for.js';

const STATIC = join(dirname(require.resolve('@bull-board/ui/package.json')), 'dist/static');
const ASSETS = readdirSync(STATIC, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ parentPath, name }) => relative(STATIC, join(parentPath, name)));

/** Every address of Bull Board's own table, of a job and queue that are there. */
function boardAddresses(jobId: string): [method: string, path: string][] {
  const filled = (route: string) =>
    route
      .replace(':queueName', 'events')
      .replace(':jobId', encodeURIComponent(jobId))
      .replace(':queueStatus', 'failed')
      .replace(':schedulerId', 'renew-channels');
  return [appRoutes.entryPoint, ...appRoutes.api].flatMap(({ method, route }) =>
    [method]
      .flat()
      .flatMap((verb) =>
        [route].flat().map((path) => [verb.toUpperCase(), filled(path)] as [string, string]),
      ),
  );
}

describe('Bull Board', () => {
  let house: GongHouse;
  let desk: AdminDesk;
  let jobId: string;

  beforeAll(async () => {
    house = await GongHouse.open(DESK_TOKENS);
    desk = new AdminDesk(house.service.url);
    const answer = await house.post(JSON.stringify({ callData: { odd: 1 }, filler: 'x'.repeat(50_000) }));
    expect(answerBody(answer).eventIds).toHaveLength(1);
    const letter = await waitFor(
      'the dead letter',
      async () => (await desk.get('/dead-letters')).body.items?.[0],
    );
    jobId = String(letter.id).slice('events.'.length);
  });
  afterAll(() => house.close());

  function ask(method: string, path: string, token = ADMIN_TOKEN, headers: Record<string, string> = {}) {
    return fetch(`${house.service.url}/admin/queues${path}`, {
      method,
      headers: { accept: 'text/html', ...(token !== '' && { authorization: `Bearer ${token}` }), ...headers },
    });
  }
  const json = async (path: string) => (await ask('GET', path)).json() as Promise<Record<string, unknown>>;

  it('has an address for each of the board, and none of them answers anybody but admins', async () => {
    const addresses = boardAddresses(jobId);
    expect(addresses.length).toBeGreaterThan(30);
    const assets = ASSETS.map((name): [string, string] => ['GET', `/static/${name}`]);
    expect(assets.length).toBeGreaterThan(50);
    for (const [method, path] of [...addresses, ...assets]) {
      const statuses = [];
      for (const token of ['', READER_TOKEN]) statuses.push((await ask(method, path, token)).status);
      expect([method, path, ...statuses]).toEqual([
        method,
        path,
        ...(method === 'GET' ? [401, 403] : [404, 404]),
      ]);
    }
  });

  it('is a page for browsers that runs only its own files, and JSON for everybody else', async () => {
    const page = await ask('GET', '');
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/);
    const html = await page.text();
    expect(html).toContain('<base href="/admin/queues/" />');
    expect(html).not.toMatch(/<%|https?:/);
    const own = [...html.matchAll(/(?:src|href)="(static\/[^"]+)"/g)].map(([, path]) => path ?? '');
    expect(own.length).toBeGreaterThan(5);
    for (const path of own) {
      const asset = await ask('GET', `/${path}`);
      expect([path, asset.status]).toEqual([path, 200]);
      expect((await asset.arrayBuffer()).byteLength).toBeGreaterThan(100);
    }
    for (const path of ['/queue/events', `/queue/events/${jobId}`, '/job-schedulers']) {
      expect(await (await ask('GET', path)).text()).toBe(html);
    }
    for (const accept of ['*/*', 'application/json']) {
      const { body, status } = await desk.ask('GET', '/queues');
      expect([accept, status, body.items?.length]).toEqual([accept, 200, 11]);
    }
  });

  it('opens with the cookie of a session', async () => {
    const origin = house.service.url;
    const signedIn = await fetch(`${origin}/admin/session`, {
      method: 'POST',
      headers: { origin, 'content-type': 'application/json' },
      body: JSON.stringify({ token: ADMIN_TOKEN }),
    });
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
    expect((await ask('GET', '', '', { cookie })).status).toBe(200);
    expect((await ask('GET', '/api/queues', '', { cookie })).status).toBe(200);
  });

  it('shows all queues, jobs with their data but not megabytes of it, and schedules', async () => {
    const { queues } = (await json('/api/queues?activeQueue=events&status=failed&page=1')) as {
      queues: { name: string; readOnlyMode: boolean; jobs: { id: string; data: { body: string } }[] }[];
    };
    expect(queues.map(({ readOnlyMode }) => readOnlyMode)).toEqual(Array.from({ length: 11 }, () => true));
    const events = queues.find(({ name }) => name === 'events');
    expect(events?.jobs.map(({ id }) => id)).toEqual([jobId]);
    expect(events?.jobs[0]?.data.body).toMatch(/^\{"callData":\{"odd":1\},"filler":"x{1000}/);
    expect(events?.jobs[0]?.data.body.length).toBeLessThan(25_000);
    expect(await json(`/api/queues/events/${jobId}`)).toMatchObject({ status: 'failed', job: { id: jobId } });
    const { schedulers } = await json('/api/job-schedulers');
    expect(JSON.stringify(schedulers)).toContain('renew-channels');
    expect(await json('/api/redis/stats')).toMatchObject({ backend: 'redis' });
  });

  it('shows no credential: what verified the sender is not in the job', async () => {
    const job = JSON.stringify(await json(`/api/queues/events/${jobId}`));
    expect(job).toContain('"authorization":"[redacted]"');
    expect(job).not.toMatch(/eyJ[\w-]+\./);
  });

  it('answers problems for what is not there or makes no sense', async () => {
    const missing = [
      '/api/queues/nothing/1',
      '/api/queues/events/nothing',
      '/api/nothing',
      '/api/',
      '/static/nothing.js',
    ];
    const outside = [
      '/static/../index.ejs',
      '/static/%2e%2e/index.ejs',
      '/static/..%2findex.ejs',
      '/static/js',
      '/static/',
    ];
    for (const path of [...missing, ...outside]) {
      const answer = await ask('GET', path);
      expect([path, answer.status]).toEqual([path, 404]);
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
    }
    for (const path of ['/api/queues?status=odd', '/api/queues?page=x&page=y', '/api/queues/%E0%A4%A']) {
      expect([path, (await ask('GET', path)).status]).toEqual([path, 400]);
    }
  });

  it('changes nothing: what changes queues or jobs has no route, not even for admins', async () => {
    const changes = boardAddresses(jobId).filter(([method]) => method !== 'GET');
    expect(changes.length).toBeGreaterThan(15);
    for (const [method, path] of changes) {
      expect([method, path, (await ask(method, path)).status]).toEqual([method, path, 404]);
    }
    expect((await desk.get('/dead-letters')).body.items).toHaveLength(1);
    const { items } = (await desk.get('/audit')).body;
    expect(items?.map(({ what }) => what)).toEqual(['POST /admin/session']);
  });
});
