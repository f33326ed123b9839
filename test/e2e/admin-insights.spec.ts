import { appendFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { AdminDesk, DESK_TOKENS } from '../support/admin-desk.js';
import { GongHouse } from '../support/gong-house.js';
import { ServiceProcess } from '../support/service.js';
import { waitFor } from '../support/wait-for.js';

describe('an operator who looks after the insights', () => {
  const rules = mkdtempSync(join(tmpdir(), 'tributary-test-rules-'));
  let house: GongHouse;
  let other: ServiceProcess;
  let desk: AdminDesk;

  beforeAll(async () => {
    cpSync(resolve('config/insights'), rules, { recursive: true });
    house = await GongHouse.open({ ...DESK_TOKENS, INSIGHT_RULES_DIR: rules });
    other = await ServiceProcess.create({ REDIS_URL: house.redis.url, INSIGHT_RULES_DIR: rules });
    await other.start();
    desk = new AdminDesk(house.service.url);
  }, 120_000);
  afterAll(async () => {
    await other.dispose();
    await house.close();
    rmSync(rules, { recursive: true, force: true });
  });

  it('reloads edited rules in every process, and keeps the old ones where a file is broken', async () => {
    const same = await desk.ask('POST', '/insights/reload');
    expect(same).toMatchObject({ status: 200 });
    expect(same.body.after).toBe(same.body.before);
    appendFileSync(join(rules, 'churn.yaml'), '\n{{{ broken');
    const broken = await desk.ask('POST', '/insights/reload');
    expect(broken).toMatchObject({ status: 400, body: { code: 'REQUEST.INVALID' } });
    expect(broken.body.detail).toMatch(/churn\.yaml/);
    cpSync(resolve('config/insights/churn.yaml'), join(rules, 'churn.yaml'));
    expect((await desk.ask('POST', '/insights/reload')).body.before).toBe(same.body.before);
    await waitFor('the other process to have reloaded', () =>
      other.output.includes('"msg":"insight_rules.reloaded"'),
    );
  });

  it('sees the newest insights with their evidence, and what memory knows', async () => {
    for (const seed of [1, 2, 3]) await house.postCall({ seed });
    const { body } = await waitFor('an insight', async () => {
      const answer = await desk.get('/insights?limit=1');
      return answer.body.items?.length === 1 && answer;
    });
    expect(body.items).toMatchObject([
      { type: 'insight', insights: [{ evidence: expect.any(Array) as [] }] },
    ]);
    expect(await desk.get('/recall?q=renewal&limit=20')).toMatchObject({ status: 200, body: { items: [] } });
    for (const path of ['/recall', '/recall?q=', '/recall?q=a&limit=21', '/insights?limit=0']) {
      expect((await desk.get(path)).status).toBe(400);
    }
  });
});
