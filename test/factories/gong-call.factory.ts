/** A value of JSON, for the fields whose content is the customer's own. */
type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface GongMetaData {
  readonly id: string;
  readonly url: string;
  readonly title: string;
  readonly scheduled: string;
  readonly started: string;
  readonly duration: number;
  readonly primaryUserId: string;
  readonly direction: 'Inbound' | 'Outbound' | 'Conference' | 'Unknown';
  readonly system: string;
  readonly scope: 'Internal' | 'External' | 'Unknown';
  readonly media: 'Video' | 'Audio';
  readonly language: string;
  readonly workspaceId: string;
  readonly sdrDisposition: string | null;
  readonly clientUniqueId: string | null;
  readonly customData: Json;
  readonly purpose: string | null;
  readonly meetingUrl: string | null;
  readonly isPrivate: boolean;
  readonly calendarEventId: string | null;
}

export interface GongContext {
  readonly system: string;
  readonly objects: readonly {
    readonly objectType: string;
    readonly objectId: string;
    readonly fields: readonly { readonly name: string; readonly value: Json }[];
  }[];
}

export interface GongParty {
  readonly id: string;
  readonly emailAddress?: string;
  readonly name?: string;
  readonly title?: string;
  readonly userId?: string;
  readonly speakerId: string | null;
  readonly phoneNumber?: string;
  readonly context: readonly GongContext[];
  readonly affiliation: 'Internal' | 'External' | 'Unknown';
  readonly methods: readonly ('Invitee' | 'Attendee')[];
}

export interface GongTracker {
  readonly id: string;
  readonly name: string;
  readonly count: number;
  readonly type: 'KEYWORD' | 'SMART';
  readonly phrases?: readonly { readonly count: number; readonly phrase: string }[];
}

export interface GongCallBody {
  readonly callData: {
    readonly metaData: GongMetaData;
    readonly context: readonly GongContext[];
    readonly parties: readonly GongParty[];
    readonly content: {
      readonly trackers: readonly GongTracker[];
      readonly topics: readonly { readonly name: string; readonly duration: number }[];
      readonly scorecardsAnswers: readonly Json[];
    };
    readonly interaction: {
      readonly speakers: readonly { id: string; userId: string | null; talkTime: number }[];
      readonly interactionStats: readonly { name: string; value: number }[];
      readonly video: readonly { name: string; duration: number }[];
    };
    readonly collaboration: { readonly publicComments: readonly Json[] };
  };
  readonly isTest: boolean;
  readonly isPrivate: boolean;
}

export interface GongAccount {
  readonly name: string;
  readonly domain: string;
  readonly industry: string;
}

export interface GongCallOverrides {
  /** The same seed gives the same call, to the byte. */
  readonly seed?: number;
  readonly account?: GongAccount;
  /** The one who sells. */
  readonly rep?: string;
  readonly metaData?: Partial<GongMetaData>;
  readonly context?: readonly GongContext[];
  readonly parties?: readonly GongParty[];
  readonly trackers?: readonly GongTracker[];
  readonly isTest?: boolean;
  /** Sets the flag beside callData and the one in metaData, as Gong does. */
  readonly isPrivate?: boolean;
}

const ACCOUNT: GongAccount = { name: 'Contoso Ltd', domain: 'contoso.example', industry: 'Manufacturing' };
const BUYERS = [
  'Dana Whitfield',
  'Ines Carvalho',
  'Tomasz Zielinski',
  'Priya Raman',
  'Lars Holm',
  'Mei Tanaka',
];
const BUYER_TITLES = ['VP Operations', 'Head of Purchasing', 'CFO', 'IT Director', 'Plant Manager'];
const ZONES = ['-05:00', '-08:00', '+00:00', '+01:00', '+05:30'];

/**
 * Numbers that look random and are the same for the same seed (mulberry32, public domain). Tests and demos
 * repeat exactly; neither the clock nor Math.random takes part.
 */
export class SeededRandom {
  private state: number;

  constructor(seed: number) {
    this.state = (seed ^ Math.imul(Math.floor(seed / 2 ** 32), 0x9e3779b1)) >>> 0;
  }

  /** At least 0, below 1. */
  fraction(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `least` to `most`, both included. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.fraction() * (most - least + 1));
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.integer(0, items.length - 1)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }

  /** Gong's ids are digits, too many for a JavaScript number. */
  digits(length: number): string {
    return Array.from({ length }, (_, place) => this.integer(place === 0 ? 1 : 0, 9)).join('');
  }
}

/**
 * A complete webhook body in the shape real deliveries have: all keys of metaData, also those that are null,
 * trackers and topics that did not occur (count 0, duration 0), a phone caller without speaker and e-mail,
 * ids of 19 digits, times with a zone offset and microseconds
 * (Gong help: "Payload sent to webhooks", read 2026-01, and a published sanitised delivery).
 */
export function gongCall(overrides: GongCallOverrides = {}): GongCallBody {
  const random = new SeededRandom(overrides.seed ?? 1);
  const account = overrides.account ?? ACCOUNT;
  const rep = overrides.rep ?? 'Sam Okafor';
  const isPrivate = overrides.isPrivate ?? false;
  const metaData = { ...metaDataOf(random, account, isPrivate), ...overrides.metaData };
  const url = `https://us-12345.app.gong.io/call?id=${metaData.id}`;
  const parties = overrides.parties ?? partiesOf(random, account, rep, metaData.primaryUserId);
  const content = {
    trackers: overrides.trackers ?? defaultTrackers(random),
    topics: topicsOf(random, metaData.duration),
    scorecardsAnswers: [],
  };
  return {
    callData: {
      metaData: { ...metaData, url: overrides.metaData?.url ?? url },
      context: overrides.context ?? [contextOf(random, account)],
      parties,
      content,
      interaction: interactionOf(random, parties, metaData),
      collaboration: { publicComments: [] },
    },
    isTest: overrides.isTest ?? false,
    isPrivate,
  };
}

/** A tracker as the webhook has it; with phrases, its count is their sum. */
export function gongTracker(name: string, phrases: Readonly<Record<string, number>> | number): GongTracker {
  const id = `16858${new SeededRandom(name.length * 131 + name.charCodeAt(0)).digits(14)}`;
  if (typeof phrases === 'number') return { id, name, count: phrases, type: 'KEYWORD' };
  const hits = Object.entries(phrases).map(([phrase, count]) => ({ count, phrase }));
  return { id, name, count: hits.reduce((sum, { count }) => sum + count, 0), type: 'KEYWORD', phrases: hits };
}

function metaDataOf(random: SeededRandom, account: GongAccount, isPrivate: boolean): GongMetaData {
  const id = random.digits(19);
  const zone = random.pick(ZONES);
  const hour = String(random.integer(8, 17)).padStart(2, '0');
  const [minute, second] = [random.integer(0, 4), random.integer(10, 59)];
  return {
    id,
    url: '',
    title: `Northwind / ${account.name} - renewal review`,
    scheduled: `2026-03-04T${hour}:00:00${zone}`,
    started: `2026-03-04T${hour}:0${minute}:${second}.${random.digits(6)}${zone}`,
    duration: random.integer(600, 3600),
    primaryUserId: random.digits(19),
    direction: 'Conference',
    system: 'Zoom',
    scope: 'External',
    media: 'Video',
    language: 'eng',
    workspaceId: '1007000000000000001',
    sdrDisposition: null,
    clientUniqueId: null,
    customData: null,
    purpose: null,
    meetingUrl: `https://zoom.us/j/9${random.digits(10)}`,
    isPrivate,
    calendarEventId: `${random.digits(12)}@google.com`,
  };
}

/** Gong knows no CRM of Zoho's name; such links come as `Generic`. */
function contextOf(random: SeededRandom, account: GongAccount): GongContext {
  const field = (name: string, value: Json) => ({ name, value });
  const [shortName = account.name] = account.name.split(' ');
  return {
    system: 'Generic',
    objects: [
      {
        objectType: 'Account',
        objectId: `4876876${random.digits(12)}`,
        fields: [
          field('Name', account.name),
          field('Website', account.domain),
          field('Industry', account.industry),
        ],
      },
      {
        objectType: 'Opportunity',
        objectId: `4876876${random.digits(12)}`,
        fields: [
          field('Name', `${shortName} - Renewal 2026`),
          field('StageName', random.pick(['Qualification', 'Proposal', 'Negotiation'])),
          field('Amount', random.integer(5, 400) * 1000),
          field('Probability', random.integer(1, 9) * 10),
          field('CloseDate', '2026-03-31'),
        ],
      },
    ],
  };
}

function partiesOf(random: SeededRandom, account: GongAccount, rep: string, userId: string): GongParty[] {
  const methods = ['Invitee', 'Attendee'] as const;
  const buyer = random.pick(BUYERS);
  const contact = {
    objectType: 'Contact',
    objectId: `4876876${random.digits(12)}`,
    fields: [{ name: 'Account_Name', value: account.name }],
  };
  return [
    {
      id: random.digits(19),
      emailAddress: `${mailbox(buyer)}@${account.domain}`,
      name: buyer,
      title: random.pick(BUYER_TITLES),
      speakerId: random.digits(19),
      context: [{ system: 'Generic', objects: [contact] }],
      affiliation: 'External',
      methods,
    },
    {
      id: random.digits(19),
      emailAddress: `${mailbox(rep)}@northwind.example`,
      name: rep,
      title: 'Account Executive',
      userId,
      speakerId: random.digits(19),
      phoneNumber: `+1555555${String(random.integer(100, 199)).padStart(4, '0')}`,
      context: [],
      affiliation: 'Internal',
      methods,
    },
    {
      id: random.digits(19),
      name: `Phone Caller #${random.integer(1, 9)}`,
      speakerId: null,
      context: [],
      affiliation: 'Unknown',
      methods: ['Attendee'],
    },
  ];
}

function mailbox(name: string): string {
  return name.toLowerCase().replaceAll(' ', '.');
}

function defaultTrackers(random: SeededRandom): GongTracker[] {
  return [
    gongTracker('Pricing (tracker)', random.integer(1, 6)),
    gongTracker('Competitors (tracker)', { Fabrikam: random.integer(1, 3) }),
    gongTracker('Objections (tracker)', 0),
  ];
}

function topicsOf(random: SeededRandom, duration: number): { name: string; duration: number }[] {
  return [
    { name: 'Call Setup', duration: random.integer(5, 40) },
    { name: 'Pricing', duration: Math.floor(duration * 0.2) },
    { name: 'Next Steps', duration: Math.floor(duration * 0.05) },
    { name: 'Wrap-Up', duration: 0 },
  ];
}

/** `speakers[].id` is the party's id, not its speakerId. */
function interactionOf(
  random: SeededRandom,
  parties: readonly GongParty[],
  { duration, media }: GongMetaData,
) {
  const speaking = parties.filter(({ speakerId }) => speakerId !== null);
  const share = (most: number) => Math.round(random.fraction() * most * 10) / 10;
  return {
    speakers: speaking.map(({ id, userId }) => ({
      id,
      userId: userId ?? null,
      talkTime: share(duration / 2),
    })),
    interactionStats: [
      { name: 'Talk Ratio', value: random.integer(20, 80) / 100 },
      { name: 'Longest Monologue', value: random.integer(10, 180) },
      { name: 'Longest Customer Story', value: random.integer(10, 120) },
      { name: 'Interactivity', value: share(10) },
      { name: 'Patience', value: random.integer(20, 150) / 100 },
    ],
    video: media === 'Video' ? [{ name: 'Webcam', duration: share(duration) }] : [],
  };
}
