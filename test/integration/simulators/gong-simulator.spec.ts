import { createHash, createHmac, createPublicKey, verify } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gongCall, SeededRandom } from '../../factories/gong-call.factory.js';
import { GongSigner } from '../../simulators/gong/gong-signer.js';
import { GongWebhookSender } from '../../simulators/gong/gong-webhook-sender.js';
import { type Delivery, workingDay } from '../../simulators/gong/working-day.js';

const URL_CLAIM = 'https://hooks.northwind.example/webhook/gong/calls';
const BODY = Buffer.from('{ "amount":0.0 }');

interface Claims {
  readonly webhook_url: string;
  readonly body_sha256: string;
  readonly exp: number;
}

/** The parts of a token, taken apart without the code under test. */
function partsOf(token: string) {
  const [header = '', claims = '', signature = ''] = token.split('.');
  const json = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  return {
    header: json(header) as { alg: string },
    claims: json(claims) as Claims,
    signingInput: Buffer.from(`${header}.${claims}`),
    signature: Buffer.from(signature, 'base64url'),
  };
}

function isSignedBy(signer: GongSigner, token: string): boolean {
  const { signingInput, signature } = partsOf(token);
  const key = createPublicKey({
    key: Buffer.from(signer.publicKeyBase64, 'base64'),
    format: 'der',
    type: 'spki',
  });
  return verify('sha256', signingInput, key, signature);
}

function sha256(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex');
}

describe(GongSigner.name, () => {
  const signer = GongSigner.shared();
  const signed = { url: URL_CLAIM, body: BODY };

  it('signs RS256 over the address, the raw bytes and the expiry, and nothing else', () => {
    const token = signer.sign({ ...signed, expiresInSeconds: 120 });
    const { header, claims } = partsOf(token);
    expect(isSignedBy(signer, token)).toBe(true);
    expect(header).toEqual({ alg: 'RS256' });
    expect(Object.keys(claims).sort()).toEqual(['body_sha256', 'exp', 'webhook_url']);
    expect(claims).toMatchObject({ webhook_url: URL_CLAIM, body_sha256: sha256(BODY) });
    expect(Math.abs(claims.exp - Date.now() / 1000 - 120)).toBeLessThan(5);
  });

  it('shows its public key as bare base64 of RSA-2048 SPKI, and the same key as PEM', () => {
    expect(signer.publicKeyBase64).toMatch(/^MIIBIjANBgkqhkiG9w0BAQEFAAO[A-Za-z0-9+/]+=*$/);
    const bare = signer.publicKeyPem.replace(/-----[A-Z ]+-----|\s/g, '');
    expect(bare).toBe(signer.publicKeyBase64);
  });

  it('makes wrong tokens that are wrong in exactly one thing', () => {
    const expired = signer.expired(signed);
    expect(isSignedBy(signer, expired)).toBe(true);
    expect(partsOf(expired).claims.exp).toBeLessThan(Date.now() / 1000);

    const otherUrl = signer.forOtherUrl(signed);
    expect(isSignedBy(signer, otherUrl)).toBe(true);
    expect(partsOf(otherUrl).claims.webhook_url).not.toBe(URL_CLAIM);

    const otherBody = signer.forOtherBody(signed);
    expect(isSignedBy(signer, otherBody)).toBe(true);
    expect(partsOf(otherBody).claims.body_sha256).not.toBe(sha256(BODY));

    const otherKey = signer.byOtherKey(signed);
    expect(isSignedBy(signer, otherKey)).toBe(false);
    expect(isSignedBy(GongSigner.impostor(), otherKey)).toBe(true);

    const forged = signer.forged(signed);
    expect(isSignedBy(signer, forged)).toBe(false);
    expect(partsOf(forged).claims.body_sha256).toBe(sha256(BODY));
  });

  it('makes the two classic tokens that fool a receiver which trusts the alg of the header', () => {
    const unsigned = signer.unsigned(signed);
    expect(partsOf(unsigned).header.alg).toBe('none');
    expect(unsigned.endsWith('.')).toBe(true);

    const { header, signingInput, signature } = partsOf(signer.hmacWithPublicKey(signed));
    expect(header.alg).toBe('HS256');
    expect(signature).toEqual(createHmac('sha256', signer.publicKeyPem).update(signingInput).digest());
  });
});

describe('gongCall', () => {
  it('gives the same bytes for the same seed and another call for another', () => {
    const text = (seed: number) => JSON.stringify(gongCall({ seed }));
    expect(text(7)).toBe(text(7));
    expect(gongCall({ seed: 8 }).callData.metaData.id).not.toBe(gongCall({ seed: 7 }).callData.metaData.id);
    expect(gongCall({ seed: 2 ** 32 + 7 }).callData.metaData.id).not.toBe(
      gongCall({ seed: 7 }).callData.metaData.id,
    );
  });

  it('has what real deliveries have: nulls, silent trackers, a party without speaker, long ids, microseconds', () => {
    const { callData, ...flags } = gongCall();
    expect(flags).toEqual({ isTest: false, isPrivate: false });
    expect(callData.metaData).toMatchObject({ sdrDisposition: null, clientUniqueId: null, customData: null });
    expect(callData.metaData.id).toMatch(/^\d{19}$/);
    expect(callData.metaData.url).toContain(callData.metaData.id);
    expect(callData.metaData.started).toMatch(/T\d\d:\d\d:\d\d\.\d{6}[+-]\d\d:\d\d$/);
    expect(Number.isNaN(Date.parse(callData.metaData.started))).toBe(false);
    expect(callData.content.trackers.map(({ count }) => count)).toContain(0);
    expect(callData.parties.map(({ speakerId }) => speakerId)).toContain(null);
  });

  it('sets both private flags and keeps the link to an id that was given', () => {
    const { callData, isPrivate } = gongCall({ isPrivate: true, metaData: { id: '12345678901234567890' } });
    expect([isPrivate, callData.metaData.isPrivate]).toEqual([true, true]);
    expect(callData.metaData.url).toContain('id=12345678901234567890');
  });
});

describe('workingDay', () => {
  const day = workingDay(42);
  const labelled = (label: string) => day.filter((delivery) => delivery.label === label);
  const only = (label: string): Delivery => {
    const [delivery, ...others] = labelled(label);
    if (delivery === undefined || others.length > 0) throw new Error(`not exactly one delivery: ${label}`);
    return delivery;
  };
  const parsed = ({ body }: Delivery) => JSON.parse(body.toString('utf8')) as ReturnType<typeof gongCall>;
  const expected = (expect: Delivery['expect']) => day.filter((delivery) => delivery.expect === expect);

  it('is the same for the same seed, and shares no call with another day', () => {
    const facts = (seed: number) => workingDay(seed).map(({ token: _token, ...rest }) => rest);
    expect(facts(42)).toEqual(facts(42));
    const ids = new Set(day.map(({ callId }) => callId));
    expect(workingDay(43).filter(({ callId }) => ids.has(callId))).toEqual([]);
  });

  it('has 56 deliveries: 45 accepted of 44 calls, 2 duplicates, 1 ignored, 8 rejected', () => {
    expect(day).toHaveLength(56);
    expect(expected('accepted')).toHaveLength(45);
    expect(new Set(expected('accepted').map(({ callId }) => callId)).size).toBe(44);
    expect(expected('duplicate')).toHaveLength(2);
    expect(expected('ignored')).toHaveLength(1);
    expect(expected('rejected')).toHaveLength(8);
  });

  it('varies accounts, reps, rivals and durations', () => {
    const calls = labelled('ordinary call').map((delivery) => parsed(delivery).callData);
    const distinct = (values: readonly unknown[]) => new Set(values).size;
    expect(distinct(calls.map(({ context }) => context[0]?.objects[0]?.fields[0]?.value))).toBe(8);
    expect(distinct(calls.map(({ parties }) => parties[1]?.name))).toBe(6);
    expect(distinct(calls.map(({ metaData }) => metaData.direction))).toBe(3);
    const durations = calls.map(({ metaData }) => metaData.duration);
    expect([Math.min(...durations), Math.max(...durations)]).toEqual([90, 7200]);
    const trackers = new Set(calls.flatMap(({ content }) => content.trackers.map(({ name }) => name)));
    for (const name of ['Competitors (tracker)', 'Churn risk', 'Pricing (tracker)', 'Objections (tracker)']) {
      expect(trackers).toContain(name);
    }
  });

  it('signs what is to be accepted, and lets nothing that is to be rejected prove itself', () => {
    const url = 'http://127.0.0.1:3000/webhook/gong/calls';
    const provesItself = ({ token, body }: Delivery) => {
      if (token === '' || !isSignedBy(GongSigner.shared(), token)) return false;
      const { header, claims } = partsOf(token);
      const isFresh = claims.exp > Date.now() / 1000;
      return (
        header.alg === 'RS256' && isFresh && claims.webhook_url === url && claims.body_sha256 === sha256(body)
      );
    };
    for (const delivery of day) {
      expect([delivery.label, provesItself(delivery)]).toEqual([
        delivery.label,
        delivery.expect !== 'rejected',
      ]);
    }
    expect(
      expected('rejected')
        .map(({ label }) => label)
        .sort(),
    ).toEqual([
      'HMAC with the public key',
      'algorithm none',
      'changed body byte',
      'expired token',
      'forged signature',
      'no token',
      'other address',
      'other key',
    ]);
  });

  it('redelivers one call twice to the byte, after the original', () => {
    const original = only('redelivered call');
    const copies = labelled('exact redelivery');
    expect(copies.map(({ body }) => body.equals(original.body))).toEqual([true, true]);
    for (const copy of copies) expect(day.indexOf(copy)).toBeGreaterThan(day.indexOf(original));
  });

  it('updates one call: same id, other body, later', () => {
    const [before, after] = [only('updated call'), only('update of a call')];
    expect(after.callId).toBe(before.callId);
    expect(after.body.equals(before.body)).toBe(false);
    expect(after.wave).toBeGreaterThan(before.wave);
  });

  it('tests the rule with the id of a call that comes for real afterwards', () => {
    const [test, real] = [only('test delivery'), only('call that was tested before')];
    expect(parsed(test)).toEqual({ ...parsed(real), isTest: true });
    expect(test.callId).toBe(real.callId);
    expect(real.wave).toBeGreaterThan(test.wave);
  });

  it('has each unusual call with what makes it unusual', () => {
    expect(parsed(only('private call')).isPrivate).toBe(true);
    expect(only('20-digit ids').callId).toMatch(/^\d{20}$/);
    expect(
      parsed(only('null speaker ids')).callData.parties.every(({ speakerId }) => speakerId === null),
    ).toBe(true);
    const silent = parsed(only('zero-count trackers')).callData.content.trackers;
    expect(silent.map(({ count }) => count)).toEqual([0, 0, 0, 0]);
    expect(parsed(only('short call')).callData.metaData.duration).toBe(120);
    const internal = parsed(only('internal-only call')).callData;
    expect(internal.metaData.scope).toBe('Internal');
    expect(internal.parties.every(({ affiliation }) => affiliation === 'Internal')).toBe(true);
    const meeting = parsed(only('recorded web meeting')).callData.metaData;
    expect([meeting.direction, typeof meeting.calendarEventId]).toEqual(['Conference', 'string']);
    expect(parsed(only('unicode title')).callData.metaData.title).toContain('東京');
    expect(parsed(only('emoji title')).callData.metaData.title).toContain('🚀');
    expect(only('no e-mail addresses').body.includes('emailAddress')).toBe(false);
    const odd = only('odd JSON spacing');
    expect(odd.body.includes('{ "amount":0.0')).toBe(true);
    expect(JSON.stringify(parsed(odd))).not.toBe(odd.body.toString('utf8'));
  });

  it('changes one byte of the signed body and leaves valid JSON', () => {
    const { body, callId } = only('changed body byte');
    expect(parsed(only('changed body byte')).callData.metaData.id).toBe(callId);
    expect(body.includes('"title":"northwind')).toBe(true);
  });
});

describe(GongWebhookSender.name, () => {
  let server: Server;
  let sender: GongWebhookSender;
  let atOnce = 0;
  let mostAtOnce = 0;
  const received: { headers: IncomingHttpHeaders; body: Buffer; path: string | undefined }[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      mostAtOnce = Math.max(mostAtOnce, ++atOnce);
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks);
        received.push({ headers: request.headers, body, path: request.url });
        atOnce -= 1;
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ sha256: sha256(body) }));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    sender = new GongWebhookSender(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });

  beforeEach(() => {
    received.length = 0;
    mostAtOnce = 0;
  });

  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('posts the exact bytes with a bare token and an id for tracing', async () => {
    const answer = await sender.send({ path: '/webhook/gong/calls', body: BODY, token: 'a.b.c' });
    expect(answer).toMatchObject({ status: 200, body: { sha256: sha256(BODY) } });
    expect(answer.milliseconds).toBeGreaterThan(0);
    expect(received[0]).toMatchObject({
      path: '/webhook/gong/calls',
      body: BODY,
      headers: { authorization: 'a.b.c', 'content-type': 'application/json' },
    });
    expect(received[0]?.headers['x-traceid']).toMatch(/^[0-9a-f]{32}$/);
  });

  it('sends no Authorization header without a token', async () => {
    await sender.send({ path: '/webhook/gong/calls', body: BODY, token: '' });
    expect(received[0]?.headers).not.toHaveProperty('authorization');
  });

  it('keeps the order of the answers, the limit of concurrency and the order of the waves', async () => {
    const random = new SeededRandom(3);
    const deliveries = Array.from({ length: 20 }, (_, index) => ({
      path: '/webhook/gong/calls' as const,
      body: Buffer.from(random.digits(200)),
      token: 't',
      wave: index % 2,
    }));
    const sent = await sender.sendInWaves(deliveries, 4);
    expect(sent.map(({ delivery }) => delivery.wave)).toEqual([...Array(10).fill(0), ...Array(10).fill(1)]);
    for (const { delivery, answer } of sent) expect(answer.body).toEqual({ sha256: sha256(delivery.body) });
    expect(mostAtOnce).toBeLessThanOrEqual(4);
    const firstOfLastWave = received.findIndex(({ body }) => body.equals(deliveries[1]?.body ?? Buffer.of()));
    expect(firstOfLastWave).toBeGreaterThanOrEqual(10);
  });
});
