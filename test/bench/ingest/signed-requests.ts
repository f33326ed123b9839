import { createHash, createHmac, createPrivateKey, randomUUID, sign } from 'node:crypto';
import type { LoadOrder } from './load-protocol.js';

const NOTE = 'We compared the renewal with the other offer and will decide next week.';
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

/** About 1.4 KB in some fifty members, as the records and calls in captured webhooks are. */
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
      Account_Name: 'Contoso Manufacturing',
      Account_Number: '40017',
      Account_Type: 'Customer',
      Account_Status: 'Active',
      Industry: 'Manufacturing',
      Annual_Revenue: 1250000,
      Employees: 420,
      Health_Score: 71,
      Rating: 'Acquired',
      Ownership: 'Private',
      Website: 'https://contoso.example',
      Phone: '+49 30 5550 100',
      Fax: null,
      SIC_Code: 3559,
      Ticker_Symbol: null,
      Billing_Street: 'Hafenstrasse 4',
      Billing_City: 'Hamburg',
      Billing_State: null,
      Billing_Code: '20457',
      Billing_Country: 'Germany',
      Shipping_Street: null,
      Shipping_City: null,
      Shipping_Country: null,
      Owner: { name: 'Sam Okafor', id: '6890123000000012001', email: 'sam@northwind.example' },
      Parent_Account: { name: 'Contoso Group', id: '6890123000000451001' },
      Modified_By: { name: 'Sam Okafor', id: '6890123000000012001', email: 'sam@northwind.example' },
      Created_Time: '2024-11-05T09:12:44+01:00',
      Modified_Time: '2026-03-04T15:40:00+01:00',
      Last_Activity_Time: '2026-03-04T15:40:00+01:00',
      Tag: [{ name: 'renewal-2026', id: '6890123000000777001' }],
      $currency_symbol: '$',
      $editable: true,
      Description: NOTE,
    },
  });
}

function gongBody(): string {
  const id = String(BigInt(`0x${randomUUID().replaceAll('-', '').slice(0, 15)}`));
  return JSON.stringify({
    callData: {
      metaData: {
        id,
        url: `https://us-40001.app.gong.io/call?id=${id}`,
        title: 'Contoso - renewal',
        started: '2026-03-04T15:40:00.000-08:00',
        duration: 1830,
        direction: 'Conference',
        system: 'Zoom',
        scope: 'External',
        language: 'eng',
        isPrivate: false,
      },
      parties: [
        {
          id: '1',
          name: 'Dana Whitfield',
          emailAddress: 'dana@contoso.example',
          affiliation: 'External',
          speakerId: '7',
        },
        {
          id: '2',
          name: 'Sam Okafor',
          emailAddress: 'sam@northwind.example',
          affiliation: 'Internal',
          speakerId: '8',
        },
      ],
      content: {
        trackers: [
          {
            id: '31',
            name: 'Competitors',
            count: 2,
            type: 'KEYWORD',
            phrases: [{ count: 2, phrase: 'Fabrikam' }],
          },
          { id: '32', name: 'Pricing', count: 4, type: 'KEYWORD', phrases: [] },
          { id: '33', name: 'Objections', count: 0, type: 'KEYWORD', phrases: [] },
        ],
        topics: [
          { name: 'Pricing', duration: 412 },
          { name: 'Next Steps', duration: 96 },
        ],
      },
      interaction: {
        speakers: [{ id: '2', userId: '5012345678901234501', talkTime: 610.4 }],
        interactionStats: [{ name: 'Talk Ratio', value: 0.43 }],
      },
      collaboration: { publicComments: [{ id: 'c1', comment: NOTE }] },
    },
    isTest: false,
    isPrivate: false,
  });
}

/** What is sent to be queued: its size is what the memory of a queued event is compared with. */
export const ZOHO_BODY_BYTES = Buffer.byteLength(zohoBody());
export const GONG_BODY_BYTES = Buffer.byteLength(gongBody());

function base64Url(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
