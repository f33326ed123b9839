import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gongTracker } from '../factories/gong-call.factory.js';
import { GongHouse } from '../support/gong-house.js';
import { readmeExample, writeTypeScriptAgent } from '../support/readme-examples.js';
import { SseClient } from '../support/sse-client.js';
import { subscribe } from '../support/subscriber.js';
import { waitFor } from '../support/wait-for.js';

const hasCurl = spawnSync('curl', ['--version']).status === 0;
const TOKEN = 'reader-token-of-more-than-32-characters';

describe('GET /notifications/stream', () => {
  let house: GongHouse;
  beforeAll(async () => {
    house = await GongHouse.open({ READER_TOKENS: `agent:${TOKEN}` });
  });
  afterAll(() => house.close());

  async function listen(query = '', lastEventId?: string): Promise<SseClient> {
    const client = new SseClient(`${house.service.url}/notifications/stream?${query}`, {
      headers: { authorization: `Bearer ${TOKEN}` },
      ...(lastEventId !== undefined && { lastEventId }),
    });
    await client.connect();
    await waitFor('the stream to begin', () => client.lastEventId !== '');
    return client;
  }

  const ask = (query: string, headers: Record<string, string> = {}) =>
    fetch(`${house.service.url}/notifications/stream${query}`, { headers });

  it('asks for a reader token, in the header only', async () => {
    for (const answer of [await ask(''), await ask(`?token=${TOKEN}`), await ask(`?access_token=${TOKEN}`)]) {
      expect(answer.status).toBe(401);
      expect(await answer.json()).toMatchObject({ code: 'ACCESS.DENIED' });
    }
  });

  it('refuses channels and positions that there are not', async () => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    for (const answer of [
      await ask('?channels=gong:gossip', headers),
      await ask('', { ...headers, 'last-event-id': 'yesterday' }),
    ]) {
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ code: 'REQUEST.INVALID' });
    }
  });

  it('answers HEAD with the head alone', async () => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    const answer = await fetch(`${house.service.url}/notifications/stream`, { method: 'HEAD', headers });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe('');
  });

  it('sends what is published, as it is published', async () => {
    const agent = await subscribe(house.redis.url, 'sophia:gong:calls');
    const client = await listen('channels=gong:calls');
    expect(client.status).toBe(200);
    expect(client.headers['content-type']).toBe('text/event-stream');
    expect(client.headers['x-correlation-id']).toMatch(/^[\w.-]{8,64}$/);
    await house.postCall({ seed: 701 });
    await waitFor('the message', () => client.messages.length === 1 && agent.received.length === 1);
    expect(client.messages[0]).toEqual(agent.received[0]?.message);
    client.close();
    agent.close();
  });

  (hasCurl ? it : it.skip)(
    `and the stream in Redis are heard by agents that have read the README only${hasCurl ? '' : ' [NOT RUN: no curl here]'}`,
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'tributary-readme-'));
      writeTypeScriptAgent(folder);
      const curl = readmeExample('', 'curl -N')
        .replace('<token>', TOKEN)
        .replace('<address>', house.service.url);
      const agents = [
        spawn('sh', ['-c', `exec ${curl}`]),
        spawn(process.execPath, ['agent.mjs'], {
          cwd: folder,
          env: { ...process.env, REDIS_URL: house.redis.url },
        }),
      ];
      const heard = ['', ''];
      for (const [index, { stdout }] of agents.entries()) {
        stdout.on('data', (chunk: Buffer) => (heard[index] += chunk.toString().replaceAll('\\"', '"')));
      }
      try {
        await waitFor('the stream to begin', () => heard[0] !== '');
        const title = 'Contoso: renewal at risk?';
        const trackers = [gongTracker('Churn risk', { 'not renew': 2 })];
        await house.postCall({ seed: 702, trackers, metaData: { title } });
        await waitFor('both to hear of it', () =>
          heard.every((text) => text.includes(`high priority call "${title}"`)),
        );
      } finally {
        for (const agent of agents) agent.kill();
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );

  it('goes on after the service was killed and an agent was away, with no gap and no repeat', async () => {
    const agent = await subscribe(house.redis.url, 'sophia:gong:calls');
    const before = await listen('channels=gong:calls');
    const calls = Array.from({ length: 30 }, (_item, index) => house.postCall({ seed: 720 + index }));
    await waitFor('some messages', () => before.messages.length >= 5);
    await Promise.all(calls.map((call) => call.catch(() => undefined)));
    await house.service.kill9();
    await waitFor('the end', () => before.isClosed);
    await house.service.start();
    await house.postCall({ seed: 790 });
    const after = await listen('channels=gong:calls', before.lastEventId);
    await waitFor(
      'the rest',
      () => agent.received.length >= 31 && before.messages.length + after.messages.length >= 31,
      { timeoutMs: 40_000 },
    );
    after.close();
    agent.close();
    const heard = [...before.messages, ...after.messages].map(({ id }) => id);
    expect(heard).toEqual(agent.received.map(({ message }) => message.id));
    expect(new Set(heard).size).toBe(31);
  });

  it('ends with the service, which does not wait for its agents', async () => {
    const client = await listen();
    expect(await house.service.terminate()).toBe(0);
    expect(client.isClosed).toBe(true);
  });
});
