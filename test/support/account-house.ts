import { type GongCallOverrides, gongCall, type GongParty } from '../factories/gong-call.factory.js';
import type { GongAnswer } from '../simulators/gong/gong-webhook-sender.js';
import { ZohoApiSimulator } from '../simulators/zoho/zoho-api.simulator.js';
import { AdminDesk, DESK_TOKENS } from './admin-desk.js';
import { answerBody, GongHouse } from './gong-house.js';
import { waitFor } from './wait-for.js';

const CHANNEL = '1000000068001';
const TOKEN = 'sophia.accounts.3b1f0c9e7d5a4b2c8e6f1a0d9c8b7a65';
const EMAILS = '/webhook/gong/emails';
const LIMIT = { timeoutMs: 60_000 };

export interface CrmContact {
  readonly name: string;
  readonly email: string;
}

export interface CrmAccount {
  readonly name: string;
  readonly website?: string;
  readonly contacts?: readonly CrmContact[];
  readonly note?: string;
}

/** What `GET /admin/accounts/{id}` answers, as far as tests look at it. */
export interface AccountAnswer {
  readonly name: string | null;
  readonly snapshot: {
    readonly contacts: readonly { readonly Email?: string }[] | null;
    readonly fields: Readonly<Record<string, unknown>>;
  } | null;
  readonly conversations: {
    readonly items: readonly {
      readonly kind: string;
      readonly id: string;
      readonly url: string | null;
      readonly event: string;
      readonly matchedBy: string | null;
      readonly insights: readonly {
        readonly kind: string;
        readonly evidence: readonly { quote: string }[];
      }[];
    }[];
    readonly nextCursor: string | null;
  };
  readonly sync: {
    readonly state: string;
    readonly lastSyncedAt: string | null;
    readonly waitingEvents: number;
  };
  readonly memory: {
    readonly isRemembered: boolean;
    readonly rememberedAt: string | null;
    readonly text: string;
  };
}

/** A service between a Gong that posts and a Zoho CRM whose changes are told to it. */
export class AccountHouse {
  readonly desk: AdminDesk;

  private constructor(
    readonly gong: GongHouse,
    readonly zoho: ZohoApiSimulator,
  ) {
    this.desk = new AdminDesk(gong.service.url);
  }

  static async open(environment: Record<string, string> = {}): Promise<AccountHouse> {
    const zoho = await ZohoApiSimulator.start();
    const gong = await GongHouse.open({
      ...DESK_TOKENS,
      ...zoho.environment,
      ZOHO_CHANNEL_TOKENS: `${CHANNEL}:${TOKEN}`,
      ...environment,
    });
    zoho.watch({
      channel_id: CHANNEL,
      token: TOKEN,
      events: ['Accounts.all', 'Contacts.all'],
      notify_url: `${gong.service.url}/webhooks/zoho`,
      return_affected_field_values: true,
    });
    return new AccountHouse(gong, zoho);
  }

  /** Puts an account into the CRM, with all that belongs to it before anybody hears of it. @returns its id. */
  addAccount({ name, website, contacts = [], note }: CrmAccount): string {
    const { data } = this.zoho;
    const id = data.insert('Accounts', {
      Account_Name: name,
      ...(website !== undefined && { Website: website }),
    });
    const account = { id, name };
    for (const { name: fullName, email } of contacts) {
      data.insert('Contacts', {
        Full_Name: fullName,
        Last_Name: fullName,
        Email: email,
        Account_Name: account,
      });
    }
    if (note !== undefined) {
      const parent = { ...account, module: { api_name: 'Accounts', id: data.moduleId('Accounts') } };
      data.insert('Notes', { Note_Title: 'Note', Note_Content: note, Parent_Id: parent });
    }
    return id;
  }

  async account(id: string): Promise<AccountAnswer> {
    const { status, body } = await this.desk.get(`/accounts/${id}`);
    if (status !== 200) throw new Error(`account ${id}: ${status}`);
    return body as unknown as AccountAnswer;
  }

  /** Waits until memory has every account; events of theirs may still wait for the next sync. */
  async remembered(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      await waitFor(
        `account ${id} to be remembered`,
        async () => {
          const { status, body } = await this.desk.get(`/accounts/${id}`);
          return status === 200 && (body as unknown as AccountAnswer).memory.isRemembered;
        },
        LIMIT,
      );
    }
  }

  /** Waits until memory has what is known of the accounts, and no event of theirs waits. */
  async synced(
    ids: readonly string[],
    isThere: (answer: AccountAnswer) => boolean = () => true,
  ): Promise<void> {
    for (const id of ids) {
      await waitFor(
        `account ${id} to be synced`,
        async () => {
          const answer = await this.account(id);
          return answer.sync.state === 'idle' && answer.sync.waitingEvents === 0 && isThere(answer);
        },
        LIMIT,
      );
    }
  }

  /** @returns the event's id. */
  async postCall(overrides: GongCallOverrides): Promise<string> {
    return acceptedId(await this.gong.post(JSON.stringify(gongCall(overrides))));
  }

  /** @returns the event's id. */
  async postEmail(email: Readonly<Record<string, unknown>>): Promise<string> {
    const { service, sender, signer } = this.gong;
    const body = Buffer.from(JSON.stringify({ to: ['sam@northwind.example'], cc: [], ...email }));
    const token = signer.sign({ url: `${service.url}${EMAILS}`, body });
    return acceptedId(await sender.send({ path: EMAILS, body, token }));
  }

  async close(): Promise<void> {
    await this.gong.close();
    await this.zoho.stop();
  }
}

/** Somebody from outside who takes part in a call. */
export function externalParty(name: string, emailAddress: string): GongParty {
  return {
    id: `80000000${name.length}${emailAddress.length}1`,
    name,
    emailAddress,
    speakerId: null,
    context: [],
    affiliation: 'External',
    methods: ['Invitee', 'Attendee'],
  };
}

function acceptedId(answer: GongAnswer): string {
  const { status, eventIds } = answerBody(answer);
  if (status !== 'accepted' || eventIds[0] === undefined) throw new Error(`not accepted: ${status}`);
  return eventIds[0];
}
