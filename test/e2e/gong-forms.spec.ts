import { gongCall } from '../factories/gong-call.factory.js';
import { GongSigner } from '../simulators/gong/gong-signer.js';
import { GongHouse } from '../support/gong-house.js';
import { subscribe } from '../support/subscriber.js';
import { waitFor } from '../support/wait-for.js';
import { queryWarehouse } from '../support/warehouse-file.js';

const SECRET = 'the-relay-secret-of-at-least-32-characters';
const URL_KEY = 'the-key-in-the-address-of-32-characters';

describe('the other forms of Gong', () => {
  let house: GongHouse;
  beforeAll(async () => {
    house = await GongHouse.open({ GONG_WEBHOOK_SECRETS: SECRET, GONG_WEBHOOK_URL_KEYS: URL_KEY });
  });
  afterAll(() => house.close());

  const relayed = (path: string, body: Buffer) =>
    house.sender.send({
      path,
      body,
      token: house.signer.sign({ url: `${house.service.url}${path}`, body, alg: 'HS256', key: SECRET }),
    });

  it('takes an e-mail and a meeting from a relay that signs with HS256', async () => {
    const agent = await subscribe(house.redis.url);
    const email = {
      emailId: 'mail-1',
      subject: 'Cancellation',
      from: 'dana@contoso.example',
      to: ['sam@northwind.example'],
      cc: [],
      body: 'Hi',
    };
    expect(await relayed('/webhook/gong/emails', Buffer.from(JSON.stringify(email)))).toMatchObject({
      status: 200,
      body: { status: 'accepted' },
    });
    const meeting = Buffer.from(JSON.stringify(gongCall({ seed: 61, trackers: [] })));
    expect(await relayed('/webhook/gong/meetings', meeting)).toMatchObject({
      status: 200,
      body: { status: 'accepted' },
    });
    await waitFor('both messages', () =>
      ['sophia:gong:emails', 'sophia:gong:meetings'].every((name) =>
        agent.received.some(({ channel }) => channel === name),
      ),
    );
    agent.close();
  });

  it('refuses a token that was made for another of our addresses', async () => {
    const body = Buffer.from(JSON.stringify(gongCall({ seed: 62 })));
    const token = GongSigner.shared().sign({ url: `${house.service.url}/webhook/gong/meetings`, body });
    expect(await house.post(body, token)).toMatchObject({
      status: 401,
      body: { code: 'SIGNATURE.WRONG_URL' },
    });
  });

  it('takes a key in the address, which no log and no row shows', async () => {
    const body = Buffer.from(JSON.stringify(gongCall({ seed: 63 })));
    const post = (key: string) =>
      house.sender.send({ path: `/webhook/gong/calls?key=${key}`, body, token: '' });
    expect(await post('wrong')).toMatchObject({ status: 401 });
    expect(await post(URL_KEY)).toMatchObject({ status: 200, body: { status: 'accepted' } });
    await waitFor('the log line', () => house.service.output.includes('webhook.accepted'));
    expect(await house.service.terminate()).toBe(0);
    expect(house.service.output).not.toContain(URL_KEY);
    const [email] = await queryWarehouse(
      house.service.warehousePath,
      'SELECT EMAIL_ID, ENRICHMENT_STATUS FROM GONG_EMAILS_ENHANCED',
    );
    expect(email).toEqual({ EMAIL_ID: 'mail-1', ENRICHMENT_STATUS: 'full' });
    const raw = await queryWarehouse(house.service.warehousePath, 'SELECT * FROM GONG_WEBHOOKS_RAW');
    expect(raw).toHaveLength(3);
    expect(JSON.stringify(raw)).not.toContain(URL_KEY);
  });
});
