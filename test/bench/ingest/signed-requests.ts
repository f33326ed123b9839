import { createHash, createHmac, createPrivateKey, randomUUID, sign } from 'node:crypto';
import type { LoadOrder } from './load-protocol.js';

/** About 1.4 KB, as the captured notifications and webhooks of both vendors are. */
const PADDING = 'We compared the renewal with the other offer and will decide next week. '.repeat(13);
const TOKEN_LIFETIME_SECONDS = 3600;

type Order = Pick<LoadOrder, 'port' | 'form' | 'secret' | 'privateKey'>;

/** Whole HTTP requests, each with a body of its own and a right signature over it. */
export function signedRequests(order: Order, count: number): Buffer[] {
  const one = order.form === 'hmac' ? hmacRequest(order.secret) : jwtRequest(order);
  return Array.from({ length: count }, one);
}

function hmacRequest(secret: string): () => Buffer {
  return () => {
    const body = zohoBody();
    const signature = createHmac('sha256', secret).update(body).digest('hex');
    return httpRequest('/webhooks/zoho', `x-zoho-signature: ${signature}`, body);
  };
}

function jwtRequest({ port, privateKey }: Order): () => Buffer {
  const key = createPrivateKey(privateKey);
  const head = base64Url({ alg: 'RS256' });
  const webhook_url = `http://127.0.0.1:${port}/webhook/gong/calls`;
  return () => {
    const body = gongBody();
    const body_sha256 = createHash('sha256').update(body).digest('hex');
    const exp = Math.floor(Date.now() / 1000) + TOKEN_LIFETIME_SECONDS;
    const signed = `${head}.${base64Url({ webhook_url, body_sha256, exp })}`;
    const token = `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
    return httpRequest('/webhook/gong/calls', `authorization: ${token}`, body);
  };
}

function httpRequest(path: string, header: string, body: string): Buffer {
  const head = [
    `POST ${path} HTTP/1.1`,
    'host: 127.0.0.1',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    header,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function zohoBody(): string {
  return JSON.stringify({
    event_id: randomUUID(),
    event_type: 'Accounts.update',
    module: 'Accounts',
    operation: 'update',
    ids: ['6890123000000451007'],
    modified_fields: ['Owner', 'Health_Score'],
    data: {
      id: '6890123000000451007',
      Account_Name: 'Contoso',
      Health_Score: 71,
      Modified_Time: '2026-03-04T15:40:00+00:00',
      Description: PADDING,
    },
  });
}

function gongBody(): string {
  const id = String(BigInt(`0x${randomUUID().replaceAll('-', '').slice(0, 15)}`));
  return JSON.stringify({
    callData: {
      metaData: {
        id,
        url: `https://app.gong.io/call?id=${id}`,
        title: 'Contoso - renewal',
        started: '2026-03-04T15:40:00.000-08:00',
        duration: 1830,
        direction: 'Conference',
      },
      parties: [{ id: 'p1', name: 'Dana', affiliation: 'External', speakerId: '1' }],
      content: { trackers: [{ id: 't1', name: 'Competitors', count: 2 }], topics: [] },
      collaboration: { publicComments: [{ id: 'c1', comment: PADDING }] },
    },
    isTest: false,
  });
}

function base64Url(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
