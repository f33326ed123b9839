import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { loadConfig } from '../../config/load-config.js';
import { ChannelSeal } from './channel-seal.js';

const KEY = Buffer.alloc(32, 7).toString('base64');
const TOKEN = randomBytes(36).toString('base64url');
const CHANNEL = '123456789012345';

const sealWith = (key?: string) => new ChannelSeal(loadConfig(key === undefined ? {} : { SECRETS_KEY: key }));
const seal = sealWith(KEY);

describe('ChannelSeal', () => {
  it('gives back what it has sealed, and never the same text twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, bound) => {
        const [one, other] = [seal.seal(text, bound), seal.seal(text, bound)];
        expect(one).not.toBe(other);
        expect(seal.open(one, bound)).toBe(text);
      }),
      { numRuns: 50 },
    );
  });

  it('shows nothing of the token, and opens under the same key in another process', () => {
    const sealed = seal.seal(TOKEN, CHANNEL);
    expect(Buffer.from(sealed, 'base64').includes(TOKEN)).toBe(false);
    expect(sealWith(KEY).open(sealed, CHANNEL)).toBe(TOKEN);
  });

  const refused = { code: 'CHANNELS.NOT_CONFIGURED', retry: 'never' };
  const thrownBy = (work: () => unknown): unknown => {
    try {
      return work();
    } catch (error) {
      return error;
    }
  };

  it('opens under no other key, and says what to do when the key was changed', () => {
    const sealed = seal.seal(TOKEN, CHANNEL);
    const changed = sealWith(Buffer.alloc(32, 8).toString('base64'));
    const error = thrownBy(() => changed.open(sealed, CHANNEL));
    expect(error).toMatchObject({ ...refused, message: expect.stringContaining('rotate it') as string });
    expect(String((error as Error).stack)).not.toContain(TOKEN);
    expect(changed.open(changed.seal(TOKEN, CHANNEL), CHANNEL)).toBe(TOKEN);
  });

  it('opens for no other channel: a sealed token cannot be moved', () => {
    const sealed = seal.seal(TOKEN, CHANNEL);
    expect(thrownBy(() => seal.open(sealed, '123456789012346'))).toMatchObject(refused);
  });

  it('refuses what was changed in any bit, cut anywhere, or made longer', () => {
    const bytes = Buffer.from(seal.seal(TOKEN, CHANNEL), 'base64');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(thrownBy(() => seal.open(changed.toString('base64'), CHANNEL))).toMatchObject(refused);
    }
    for (let length = 0; length < bytes.length; length += 1) {
      const cut = bytes.subarray(0, length).toString('base64');
      expect(thrownBy(() => seal.open(cut, CHANNEL))).toMatchObject(refused);
    }
    const longer = Buffer.concat([bytes, Buffer.alloc(1)]).toString('base64');
    expect(thrownBy(() => seal.open(longer, CHANNEL))).toMatchObject(refused);
  });

  it('says so where there is no key', () => {
    expect(sealWith().hasKey).toBe(false);
    expect(thrownBy(() => sealWith().seal(TOKEN, CHANNEL))).toMatchObject(refused);
    expect(thrownBy(() => sealWith().open(seal.seal(TOKEN, CHANNEL), CHANNEL))).toMatchObject(refused);
  });
});
