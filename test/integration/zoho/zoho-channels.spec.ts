import { Redis } from 'ioredis';
import { loadConfig } from '../../../src/config/load-config.js';
import { RedisSeenIndex } from '../../../src/reconciliation/redis-seen-index.js';
import { ChannelSeal } from '../../../src/zoho/channels/channel-seal.js';
import { ChannelTokens } from '../../../src/zoho/channels/channel-tokens.js';
import { ChannelWatch } from '../../../src/zoho/channels/channel-watch.js';
import { ZohoChannelRegistry } from '../../../src/zoho/channels/zoho-channel.registry.js';
import { ZohoChannelService } from '../../../src/zoho/channels/zoho-channel.service.js';
import { ZohoWatchClient } from '../../../src/zoho/channels/zoho-watch.client.js';
import { ZohoApiSimulator } from '../../simulators/zoho/zoho-api.simulator.js';
import { startRedis, type TestRedis } from '../../support/redis-server.js';
import { ZohoParts } from './zoho-parts.js';

const ADDRESS = 'https://hooks.customer.example';
const KEY = Buffer.alloc(32, 7).toString('base64');
const CHANNELS = '{tributary}:zoho:channels';
const HOUR_MS = 3_600_000;

/** What one process has of channels. */
class ChannelProcess {
  readonly registry: ZohoChannelRegistry;
  readonly tokens: ChannelTokens;
  readonly service: ZohoChannelService;
  private readonly parts: ZohoParts;

  constructor(redisUrl: string, zoho: ZohoApiSimulator, environment: Record<string, string> = {}) {
    const settings = { ...zoho.environment, WEBHOOK_BASE_URL: ADDRESS, SECRETS_KEY: KEY, ...environment };
    const config = loadConfig(settings);
    this.parts = new ZohoParts(redisUrl, settings);
    this.registry = new ZohoChannelRegistry(this.parts.redis);
    this.tokens = new ChannelTokens(this.registry);
    const client = new ZohoWatchClient(this.parts.api);
    const seen = new RedisSeenIndex(this.parts.redis);
    const watch = new ChannelWatch(this.registry, client, new ChannelSeal(config), config);
    this.service = new ZohoChannelService(this.registry, client, watch, seen);
  }

  close(): Promise<void> {
    return this.parts.close();
  }
}

describe('channels of Zoho, in several processes', () => {
  let server: TestRedis;
  let redis: Redis;
  let zoho: ZohoApiSimulator;
  let processes: ChannelProcess[] = [];

  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });
  beforeEach(async () => {
    await redis.flushall();
    zoho = await ZohoApiSimulator.start();
  });
  afterEach(async () => {
    await Promise.all(processes.map((process) => process.close()));
    processes = [];
    await zoho.stop();
  });

  function open(environment: Record<string, string> = {}): ChannelProcess {
    const process = new ChannelProcess(server.url, zoho, environment);
    processes.push(process);
    return process;
  }

  async function registered(process: ChannelProcess): Promise<{ id: string; token: string }> {
    const [outcome] = await process.service.register({ module: 'Accounts' });
    const channel = outcome?.channel;
    if (!channel || !('token' in channel)) throw new Error('not registered');
    return channel;
  }

  const watches = () =>
    zoho.apiRequests.filter(({ method, path }) => method === 'POST' && path.endsWith('watch'));
  const tokenAtZoho = () =>
    (JSON.parse(watches().at(-1)?.body ?? '{}') as { watch: { token: string }[] }).watch[0]?.token ?? '';

  it('keep no token that can be read', async () => {
    const { token } = await registered(open());
    const stored = JSON.stringify(await redis.hgetall(CHANNELS));
    expect(stored).not.toContain(token);
    expect(stored).toContain('sealed');
  });

  it('renew with the token that was sealed by another process', async () => {
    const { id, token } = await registered(open());
    await open().service.renew(id);
    expect(watches()).toHaveLength(2);
    expect(tokenAtZoho()).toBe(token);
  });

  it('accept a token that another process has just made, and the one before for a day longer', async () => {
    const [one, other] = [open(), open()];
    const { id, token } = await registered(one);
    expect(await other.tokens.idOf(id, token)).toMatch(/^[0-9a-f]{16}/);
    const rotated = await one.service.rotateToken(id);
    expect(await other.tokens.idOf(id, rotated?.token ?? '')).toBe(rotated?.tokenId);
    expect(await other.tokens.idOf(id, token)).toBeDefined();
    expect(await other.tokens.idOf('1', token)).toBeUndefined();
    expect(await other.tokens.idOf(id, 'x'.repeat(48))).toBeUndefined();
    const [, old] = (await one.registry.find(id))?.tokens ?? [];
    const hours = ((old?.acceptedUntil ?? 0) - Date.now()) / HOUR_MS;
    expect(hours).toBeGreaterThan(23.9);
    expect(hours).toBeLessThanOrEqual(24);
  });

  it('refuse a token when its time is over', async () => {
    const process = open();
    const { id, token } = await registered(process);
    await process.service.rotateToken(id);
    await process.registry.change(id, (channel) => ({
      ...channel,
      tokens: channel.tokens.map((known, index) => (index === 0 ? known : { ...known, acceptedUntil: 1 })),
    }));
    expect(await open().tokens.idOf(id, token)).toBeUndefined();
  });

  it('know at any time the token that Zoho has, though renewals and new tokens meet', async () => {
    zoho.latencyMs = 15;
    const [one, other] = [open(), open()];
    const { id } = await registered(one);
    const checks: Promise<void>[] = [];
    for (let turn = 0; turn < 6; turn += 1) {
      await Promise.all([one.service.rotateToken(id), other.service.renew(id), other.service.renew(id)]);
      const [now, fresh] = [tokenAtZoho(), open()];
      checks.push(fresh.tokens.idOf(id, now).then((known) => expect(known).toBeDefined()));
    }
    await Promise.all(checks);
    const channel = await one.registry.find(id);
    expect(channel?.tokens).toHaveLength(7);
    expect(new Set(channel?.tokens.map(({ sha256 }) => sha256)).size).toBe(7);
    await one.service.renew(id);
    expect(await open().tokens.idOf(id, tokenAtZoho())).toBe(channel?.tokens[0]?.id);
  });

  it('that are removed while they are renewed are not at Zoho either', async () => {
    zoho.latencyMs = 15;
    const [one, other] = [open(), open()];
    for (let turn = 0; turn < 4; turn += 1) {
      const { id } = await registered(one);
      await Promise.all([one.service.remove(id), other.service.renew(id)]);
      expect(await one.service.health()).toMatchObject({ channels: [], unknownAtZoho: [] });
    }
  });

  it('sealed under a key that was changed are accepted still, and mended by a new token', async () => {
    const { id, token } = await registered(open());
    const changed = open({ SECRETS_KEY: Buffer.alloc(32, 8).toString('base64') });
    expect(await changed.tokens.idOf(id, token)).toBeDefined();
    await expect(changed.service.renew(id)).rejects.toMatchObject({ code: 'CHANNELS.NOT_CONFIGURED' });
    zoho.expire(id);
    expect(await changed.service.renewDue()).toMatchObject({
      renewed: [],
      failed: [{ id, reason: expect.stringContaining('rotate it') as string }],
    });
    const rotated = await changed.service.rotateToken(id);
    expect(tokenAtZoho()).toBe(rotated?.token);
    expect(await changed.service.renewDue()).toEqual({ renewed: [], failed: [] });
    expect(await changed.tokens.idOf(id, token)).toBeDefined();
  });

  describe('that are looked at by schedule', () => {
    const ageTo = async (process: ChannelProcess, id: string, hoursLeft: number) => {
      const expiresAt = new Date(Date.now() + hoursLeft * HOUR_MS).toISOString();
      await process.registry.change(id, (channel) => ({ ...channel, expiresAt }));
    };

    it('cost one question while all is well, and none where there is no channel', async () => {
      const process = open();
      expect(await process.service.renewDue()).toEqual({ renewed: [], failed: [] });
      expect(zoho.apiRequests).toHaveLength(0);
      await registered(process);
      const before = zoho.apiRequests.length;
      expect(await process.service.renewDue()).toEqual({ renewed: [], failed: [] });
      expect(zoho.apiRequests).toHaveLength(before + 1);
    });

    it.each([
      ['expire within two days', 47],
      ['have expired while nobody ran', -30],
    ])('are renewed when they %s', async (_when, hoursLeft) => {
      const process = open();
      const { id } = await registered(process);
      await ageTo(process, id, hoursLeft);
      expect(await process.service.renewDue()).toEqual({ renewed: [id], failed: [] });
      expect(Date.parse((await process.service.find(id))?.expiresAt ?? '')).toBeGreaterThan(
        Date.now() + 166 * HOUR_MS,
      );
    });

    it('are registered again when Zoho has ended one before its time, unnoticed', async () => {
      const process = open();
      const { id, token } = await registered(process);
      zoho.expire(id);
      expect(await process.service.renewDue()).toEqual({ renewed: [id], failed: [] });
      expect(tokenAtZoho()).toBe(token);
      expect(await process.service.health()).toMatchObject({ isHealthy: true });
    });

    it('follow our address when that has changed', async () => {
      const { id } = await registered(open());
      const moved = open({ WEBHOOK_BASE_URL: 'https://elsewhere.example' });
      expect(await moved.service.renewDue()).toEqual({ renewed: [id], failed: [] });
      expect(await moved.service.find(id)).toMatchObject({
        notifyUrl: 'https://elsewhere.example/webhooks/zoho',
      });
      expect(await moved.service.health()).toMatchObject({ isHealthy: true });
    });

    it('stay off when they were switched off', async () => {
      const process = open();
      const { id } = await registered(process);
      await process.service.change(id, { isEnabled: false });
      expect(await process.service.renewDue()).toEqual({ renewed: [], failed: [] });
      expect(await process.service.health()).toMatchObject({ isHealthy: true });
    });

    it('are named with the reason when Zoho cannot be asked, each of them', async () => {
      const process = open();
      const { id } = await registered(process);
      await ageTo(process, id, 47);
      zoho.outage = 503;
      const { renewed, failed } = await process.service.renewDue();
      expect(renewed).toEqual([]);
      expect(failed.map((failure) => failure.id)).toEqual(['the list of channels', id]);
      for (const { reason } of failed) expect(reason).toMatch(/^ZOHO\./);
    });
  });
});
