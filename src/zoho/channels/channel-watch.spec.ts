import { loadConfig } from '../../config/load-config.js';
import { ChannelSeal } from './channel-seal.js';
import { ChannelWatch } from './channel-watch.js';
import type { RegisteredChannel, ZohoChannelRegistry } from './zoho-channel.registry.js';
import type { WatchOutcome, WatchRequest, ZohoWatchClient } from './zoho-watch.client.js';

const CREDENTIALS = { ZOHO_CLIENT_ID: 'i', ZOHO_CLIENT_SECRET: 's', ZOHO_REFRESH_TOKEN: 't' };
const BASE = { WEBHOOK_BASE_URL: 'https://hooks.example/' };
const KEY = { SECRETS_KEY: Buffer.alloc(32, 7).toString('base64') };
const EXPIRY = '2026-03-10T10:00:00.000Z';

/** One channel in the registry, and a Zoho that answers what the test gives. */
class Desk {
  readonly asked: WatchRequest[] = [];
  readonly silenced: string[] = [];
  readonly watch: ChannelWatch;
  channel: RegisteredChannel | undefined;

  constructor(answers: readonly WatchOutcome[] = [{ type: 'watched', expiresAt: EXPIRY }], environment = {}) {
    const config = loadConfig({ ...CREDENTIALS, ...BASE, ...KEY, ...environment });
    const registry = {
      change: async (_id: string, work: (channel: RegisteredChannel) => Promise<RegisteredChannel>) => {
        if (this.channel === undefined) return undefined;
        const changed = await work(this.channel);
        // Removed while Zoho was asked.
        if (this.channel === undefined) return undefined;
        return (this.channel = changed);
      },
    };
    const client = {
      watch: (channels: readonly WatchRequest[]) => {
        this.asked.push(...channels);
        return Promise.resolve(answers);
      },
      unwatch: (id: string) => Promise.resolve(this.silenced.push(id)),
    };
    this.watch = new ChannelWatch(
      registry as unknown as ZohoChannelRegistry,
      client as unknown as ZohoWatchClient,
      new ChannelSeal(config),
      config,
    );
  }

  /** Registers a channel with so many tokens, the newest first. @returns the tokens */
  register(count: number, acceptedUntil: number | null = null): string[] {
    const made = Array.from({ length: count }, () => this.watch.newToken('1'));
    const tokens = made.map(({ registered }, at) =>
      at === 0 ? registered : { ...registered, acceptedUntil },
    );
    this.channel = {
      ...{
        id: '1',
        module: 'Deals',
        events: ['Deals.all'],
        notifyUrl: 'https://old.example',
        isEnabled: true,
      },
      ...{ expiresAt: null, problem: null, tokens },
    };
    return made.map(({ token }) => token);
  }
}

describe('a channel that is brought to Zoho', () => {
  it('has its newest token and our address of today', async () => {
    const desk = new Desk();
    const [newest] = desk.register(1);
    await desk.watch.asWished('1');
    expect(desk.asked).toMatchObject([
      { id: '1', token: newest, notifyUrl: 'https://hooks.example/webhooks/zoho' },
    ]);
    expect(desk.channel).toMatchObject({ expiresAt: EXPIRY, problem: null });
  });

  it('accepts its older tokens for a day more, and no longer', async () => {
    const desk = new Desk();
    desk.register(2);
    await desk.watch.asWished('1');
    const [newest, older] = desk.channel?.tokens ?? [];
    expect(newest?.acceptedUntil).toBeNull();
    expect(older?.acceptedUntil).toBeGreaterThan(Date.now() + 23 * 3_600_000);
    desk.register(2, Date.now() - 1);
    await desk.watch.asWished('1');
    expect(desk.channel?.tokens).toHaveLength(1);
  });

  it.each([
    ['refuses it', [{ type: 'refused', code: 'INVALID_DATA', reason: 'bad url' }], 'INVALID_DATA: bad url'],
    ['says nothing of it', [], 'NO_ANSWER: Zoho says nothing of it'],
  ] as [string, WatchOutcome[], string][])(
    'keeps all its tokens where Zoho %s',
    async (_does, answers, problem) => {
      const desk = new Desk(answers);
      desk.register(2);
      await expect(desk.watch.asWished('1')).rejects.toMatchObject({ code: 'CHANNELS.REFUSED' });
      expect(desk.channel).toMatchObject({ problem, expiresAt: null });
      expect(desk.channel?.tokens.map(({ acceptedUntil }) => acceptedUntil)).toEqual([null, null]);
    },
  );

  it('is silenced there again where it was removed meanwhile: nobody would know its token', async () => {
    const desk = new Desk();
    await desk.watch.asWished('1');
    expect(desk.silenced).toEqual(['1']);
  });

  it('is not sent without a token', async () => {
    const desk = new Desk();
    desk.register(0);
    await expect(desk.watch.asWished('1')).rejects.toThrow('channel 1 has no token');
    expect(desk.asked).toEqual([]);
  });

  it('that is silenced is so at Zoho first', async () => {
    const desk = new Desk();
    desk.register(1);
    await desk.watch.silence('1', { isEnabled: false });
    expect([desk.silenced, desk.channel]).toMatchObject([['1'], { isEnabled: false, expiresAt: null }]);
  });
});

describe('channels', () => {
  it.each([
    ['credentials', { ZOHO_CLIENT_ID: '', ZOHO_CLIENT_SECRET: '', ZOHO_REFRESH_TOKEN: '' }, 'ZOHO_CLIENT_ID'],
    ['an address', { WEBHOOK_BASE_URL: '' }, 'WEBHOOK_BASE_URL'],
    ['a key to seal with', { SECRETS_KEY: '' }, 'SECRETS_KEY'],
  ])('cannot be had without %s, which is said', (_what, environment, name) => {
    const { watch } = new Desk([], environment);
    expect(watch.unconfiguredBecause()).toContain(name);
    expect(() => watch.assertConfigured()).toThrow(
      expect.objectContaining({ code: 'CHANNELS.NOT_CONFIGURED' }) as Error,
    );
  });

  it('can be had with all three', () => {
    const { watch } = new Desk();
    expect(watch.unconfiguredBecause()).toBeNull();
    expect(() => watch.assertConfigured()).not.toThrow();
  });
});
