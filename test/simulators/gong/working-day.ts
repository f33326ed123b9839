import {
  type GongAccount,
  gongCall,
  type GongCallBody,
  type GongCallOverrides,
  type GongMetaData,
  gongTracker,
  SeededRandom,
} from '../../factories/gong-call.factory.js';
import { GongSigner } from './gong-signer.js';

export type Expectation = 'accepted' | 'duplicate' | 'ignored' | 'rejected';

export interface Delivery {
  /** What is special about it; `ordinary call` when nothing is. */
  readonly label: string;
  /** Deliveries of a wave may be sent in any order, after all of the wave before. */
  readonly wave: 0 | 1;
  readonly path: '/webhook/gong/calls';
  readonly body: Buffer;
  /** For the `Authorization` header; empty = send none. */
  readonly token: string;
  readonly expect: Expectation;
  readonly callId: string;
}

export interface WorkingDayOptions {
  /** The receiver's public address, which goes into the tokens. */
  readonly baseUrl?: string;
  readonly signer?: GongSigner;
}

interface Day {
  readonly seed: number;
  readonly url: string;
  readonly signer: GongSigner;
}

type Draft = Pick<Delivery, 'label' | 'body' | 'callId'> &
  Partial<Pick<Delivery, 'wave' | 'expect' | 'token'>>;

const PATH = '/webhook/gong/calls';
const ORDINARY_CALLS = 30;
const REPS = ['Sam Okafor', 'Lena Fischer', 'Marco Bianchi', 'Aisha Khan', 'Noah Lindqvist', 'Chloe Martin'];
const RIVALS = ['Fabrikam', 'Litware', 'Tailspin', 'Adatum', 'Proseware'];
/** The customers of the day. */
export const ACCOUNTS: readonly GongAccount[] = [
  { name: 'Contoso Ltd', domain: 'contoso.example', industry: 'Manufacturing' },
  { name: 'Alpine Health', domain: 'alpine-health.example', industry: 'Healthcare' },
  { name: 'Blue Harbor Freight', domain: 'blueharbor.example', industry: 'Logistics' },
  { name: 'Cedar & Pine Stores', domain: 'cedarpine.example', industry: 'Retail' },
  { name: 'Meridian Savings', domain: 'meridian-savings.example', industry: 'Banking' },
  { name: 'Sunfield Energy', domain: 'sunfield.example', industry: 'Energy' },
  { name: 'Oakridge College', domain: 'oakridge.example', industry: 'Education' },
  { name: 'Lakeshore Hotels', domain: 'lakeshore.example', industry: 'Hospitality' },
];

/**
 * One day of Gong's deliveries to one receiver: ordinary calls of several accounts, industries and reps, and
 * each special case that real Gong or an attacker sends, by label. Ids, bodies, order and expectations come
 * from the seed alone; only the tokens depend on the key and the time.
 */
export function workingDay(seed: number, options: WorkingDayOptions = {}): Delivery[] {
  const { baseUrl = 'http://127.0.0.1:3000', signer = GongSigner.shared() } = options;
  const day: Day = { seed, signer, url: `${baseUrl}${PATH}` };
  const drafts = [
    ...ordinaryCalls(seed),
    ...unusualCalls(seed),
    ...refusedDeliveries(day),
    ...repeatedDeliveries(day),
  ];
  const deliveries = drafts.map((draft) => completed(day, draft));
  return shuffled(deliveries, new SeededRandom(seed)).sort((left, right) => left.wave - right.wave);
}

function completed({ signer, url }: Day, draft: Draft): Delivery {
  const token = draft.token ?? signer.sign({ url, body: draft.body });
  return { path: PATH, wave: 0, expect: 'accepted', ...draft, token };
}

function shuffled<T>(items: readonly T[], random: SeededRandom): T[] {
  return items
    .map((item) => ({ item, place: random.fraction() }))
    .sort((left, right) => left.place - right.place)
    .map(({ item }) => item);
}

function draftOf(
  label: string,
  call: GongCallBody,
  text = JSON.stringify(call),
): Draft & { call: GongCallBody } {
  return { label, call, callId: call.callData.metaData.id, body: Buffer.from(text) };
}

/** Calls of a day differ in their place in it; a thousand places keep the days apart. */
function callOf(seed: number, place: number, overrides: GongCallOverrides = {}): GongCallBody {
  return gongCall({ seed: seed * 1000 + place, ...overrides });
}

function ordinaryCalls(seed: number): Draft[] {
  const random = new SeededRandom(seed);
  return Array.from({ length: ORDINARY_CALLS }, (_, place) => {
    const account = ACCOUNTS[place % ACCOUNTS.length] ?? random.pick(ACCOUNTS);
    const rep = REPS[place % REPS.length] ?? random.pick(REPS);
    const { title, ...plot } = plotOf(place, account, random);
    const metaData = { title, duration: durationOf(place, random), ...mediumOf(place) };
    return draftOf('ordinary call', callOf(seed, place, { account, rep, metaData, ...plot }));
  });
}

/** What happens in a call: the trackers are the customer's own words, as set up in Gong. */
function plotOf(place: number, { name }: GongAccount, random: SeededRandom) {
  const rival = random.pick(RIVALS);
  const [hits, more] = [random.integer(1, 5), random.integer(1, 5)];
  const pricing = gongTracker('Pricing (tracker)', hits);
  const silent = gongTracker('Objections (tracker)', 0);
  const plots = [
    { title: `Northwind / ${name} - discovery`, trackers: [pricing, silent] },
    {
      title: `Northwind / ${name} - comparison with ${rival}`,
      trackers: [gongTracker('Competitors (tracker)', { [rival]: hits, 'two other vendors': more }), pricing],
    },
    {
      title: `${name}: renewal at risk?`,
      trackers: [
        gongTracker('Churn risk', { 'not renewing': hits }),
        gongTracker('Objections (tracker)', more),
      ],
    },
    {
      title: `${name} - cancellation request`,
      trackers: [gongTracker('Churn risk', { cancel: more }), silent],
    },
    {
      title: `${name} - expansion planning`,
      trackers: [gongTracker('Upsell signals', { 'more seats': hits })],
    },
    {
      title: `Northwind / ${name} - contract review`,
      trackers: [gongTracker('Objections (tracker)', { 'too expensive': more }), pricing],
    },
    {
      title: `Executive review with ${name}`,
      trackers: [
        gongTracker('Competitors (tracker)', { [rival]: 1 }),
        gongTracker('Churn risk', { switch: 2 }),
      ],
    },
  ];
  return plots[place % plots.length] ?? random.pick(plots);
}

/** From the shortest call somebody would record, 90 s, to a workshop of two hours. */
function durationOf(place: number, random: SeededRandom): number {
  if (place === 0) return 90;
  return place === 1 ? 7200 : random.integer(90, 7200);
}

/** Every third call is made by telephone: no meeting, no picture, no calendar. */
function mediumOf(place: number): Partial<GongMetaData> {
  if (place % 3 !== 2) return {};
  const direction = place % 2 === 0 ? 'Outbound' : 'Inbound';
  return { direction, system: 'Dialer', media: 'Audio', meetingUrl: null, calendarEventId: null };
}

/** Authentic calls that a careless receiver stumbles over (shapes: published deliveries, read 2026-01). */
function unusualCalls(seed: number): Draft[] {
  let place = 100;
  const draft = (label: string, overrides: GongCallOverrides) =>
    draftOf(label, callOf(seed, place++, overrides));
  const base = callOf(seed, 150);
  const { parties } = base.callData;
  const silent = ['Pricing (tracker)', 'Competitors (tracker)', 'Churn risk', 'Objections (tracker)'];
  return [
    draft('private call', { isPrivate: true, metaData: { title: 'Severance terms, confidential' } }),
    draft('20-digit ids', {
      metaData: { id: new SeededRandom(seed).digits(20), primaryUserId: '99999999999999999999' },
    }),
    draft('null speaker ids', { parties: parties.map((party) => ({ ...party, speakerId: null })) }),
    draft('zero-count trackers', { trackers: silent.map((name) => gongTracker(name, 0)) }),
    draft('short call', { metaData: { duration: 120, title: 'Quick check of the delivery date' } }),
    internalOnlyCall(seed),
    draft('recorded web meeting', {
      metaData: { direction: 'Conference', calendarEventId: 'qbr2026a@google.com' },
    }),
    draft('unicode title', { metaData: { title: 'Größe prüfen – Сеть «Восток» / 東京オフィス 更新会議' } }),
    draft('emoji title', { metaData: { title: '🚀 Expansion kickoff 👩🏽‍💻 & "next steps" 🇳🇱' } }),
    draft('no e-mail addresses', {
      parties: parties.map(({ emailAddress: _withheld, ...party }) => party),
    }),
    oddlySpacedCall(seed),
  ];
}

function internalOnlyCall(seed: number): Draft {
  const call = callOf(seed, 160);
  const parties = call.callData.parties.map((party, index) => ({
    ...party,
    affiliation: 'Internal' as const,
    emailAddress: `colleague.${index + 1}@northwind.example`,
  }));
  const metaData = { scope: 'Internal' as const, title: 'Pipeline review: churn forecast' };
  return draftOf('internal-only call', callOf(seed, 160, { parties, metaData, context: [], trackers: [] }));
}

/** Valid JSON that changes when it is parsed and written again: the hash must be over the bytes. */
function oddlySpacedCall(seed: number): Draft {
  const call = callOf(seed, 161);
  const text = JSON.stringify(call, null, '\t').replace(
    '"customData": null',
    '"customData" :  { "amount":0.0, "rate" : 1.50e+1 }',
  );
  return draftOf('odd JSON spacing', call, `\r\n ${text}\n`);
}

/** Deliveries that prove nothing. Each is of a call of its own, so that a row of it would be seen. */
function refusedDeliveries({ seed, signer, url }: Day): Draft[] {
  let place = 200;
  const refused = (label: string, tokenOf: (signed: { url: string; body: Buffer }) => string): Draft => {
    const draft = draftOf(label, callOf(seed, place++));
    return { ...draft, expect: 'rejected', token: tokenOf({ url, body: draft.body }) };
  };
  const changed = refused('changed body byte', (signed) => signer.sign(signed));
  return [
    { ...changed, body: withOneByteChanged(changed.body) },
    refused('forged signature', (signed) => signer.forged(signed)),
    refused('expired token', (signed) => signer.expired(signed)),
    refused('other key', (signed) => signer.byOtherKey(signed)),
    refused('other address', (signed) => signer.forOtherUrl(signed)),
    refused('algorithm none', (signed) => signer.unsigned(signed)),
    refused('HMAC with the public key', (signed) => signer.hmacWithPublicKey(signed)),
    refused('no token', () => ''),
  ];
}

function withOneByteChanged(body: Buffer): Buffer {
  const start = '"title":"';
  const changed = Buffer.from(body);
  const place = changed.indexOf(start) + start.length;
  // The first letter of the title in the other case: still JSON, one bit apart.
  changed.writeUInt8(changed.readUInt8(place) ^ 0x20, place);
  return changed;
}

/** The same call more than once: redelivered, updated, and tested before it comes for real. */
function repeatedDeliveries({ seed, signer, url }: Day): Draft[] {
  const original = draftOf('redelivered call', callOf(seed, 300));
  const again = { ...original, label: 'exact redelivery', wave: 1, expect: 'duplicate' } as const;
  const updated = callOf(seed, 301, { trackers: [gongTracker('Pricing (tracker)', 2)] });
  const update = callOf(seed, 301, {
    trackers: [
      gongTracker('Churn risk', { cancel: 3 }),
      gongTracker('Competitors (tracker)', { Litware: 2 }),
    ],
  });
  return [
    original,
    again,
    // A resend may carry a new token: the body decides, not the token.
    { ...again, token: signer.sign({ url, body: again.body, expiresInSeconds: 600 }) },
    draftOf('updated call', updated),
    { ...draftOf('update of a call', update), wave: 1 },
    // "Test now" in Gong's rule sends the data and the id of a real call.
    { ...draftOf('test delivery', callOf(seed, 302, { isTest: true })), expect: 'ignored' },
    { ...draftOf('call that was tested before', callOf(seed, 302)), wave: 1 },
  ];
}
