import { randomBytes } from 'node:crypto';
import type { GongAccount, GongCallBody } from '../factories/gong-call.factory.js';
import { CogneeSimulator } from '../simulators/cognee/cognee-simulator.js';
import { GongApiSimulator } from '../simulators/gong/gong-api.simulator.js';
import { ACCOUNTS, type Delivery } from '../simulators/gong/working-day.js';
import { ZohoApiSimulator } from '../simulators/zoho/zoho-api.simulator.js';
import { demoTranscript } from './demo-words.js';

const CHANNEL = '1000000068001';
const WATCHED = ['Accounts', 'Contacts', 'Deals', 'Tasks', 'Events', 'Calls'].map(
  (module) => `${module}.all`,
);
const WEEK_MS = 7 * 24 * 3_600_000;

/** What was noted about an account before the day began. */
const NOTES: readonly string[] = [
  'Frustrated with the onboarding: three sessions moved, the admin left.',
  'Champion got promoted; wants a quarterly review with her new director.',
  'Asked twice for the roadmap of the mobile app.',
  'Very happy with support, would be a reference.',
];

/** Gong's API, Zoho CRM and Cognee, as far as the demo's day needs them. */
export class SimulatedVendors {
  private readonly token = randomBytes(24).toString('hex');

  private constructor(
    private readonly gong: GongApiSimulator,
    private readonly zoho: ZohoApiSimulator,
    private readonly cognee: CogneeSimulator,
  ) {}

  static async start(): Promise<SimulatedVendors> {
    return new SimulatedVendors(
      await GongApiSimulator.start(),
      await ZohoApiSimulator.start({ concurrency: 10 }),
      await CogneeSimulator.start(),
    );
  }

  /** The settings of a service that works with them. */
  get environment(): Record<string, string> {
    return {
      ...this.gong.environment,
      ...this.zoho.environment,
      ZOHO_CHANNEL_TOKENS: `${CHANNEL}:${this.token}`,
      MEMORY: 'cognee',
      COGNEE_API_URL: this.cognee.url,
      COGNEE_API_KEY: this.cognee.newApiKey(),
    };
  }

  /** Makes the calls of the day known to Gong's API, each with what was said. */
  knowCalls(day: readonly Delivery[]): void {
    const seen = new Set<string>();
    for (const { expect, body, callId } of day) {
      if (expect !== 'accepted' || seen.has(callId)) continue;
      seen.add(callId);
      const call = JSON.parse(body.toString('utf8')) as GongCallBody;
      // What Gong itself made of it is left out: what was said is to speak for itself.
      const { content } = call.callData;
      this.gong.addCall(call, { transcript: demoTranscript(call), details: { content } });
    }
  }

  /**
   * Fills the CRM with the accounts of the day; each change is told to the service, as Zoho would.
   * @returns how many notifications were taken, and how many records they named.
   */
  async fillCrm(serviceUrl: string): Promise<{ readonly taken: number; readonly records: number }> {
    this.zoho.watch({
      channel_id: CHANNEL,
      events: WATCHED,
      notify_url: `${serviceUrl}/webhooks/zoho`,
      token: this.token,
      channel_expiry: `${new Date(Date.now() + WEEK_MS - 60_000).toISOString().slice(0, 19)}+00:00`,
      notify_on_related_action: false,
    });
    for (const [place, account] of ACCOUNTS.entries()) this.addAccount(account, place);
    await this.zoho.notified();
    const taken = this.zoho.notifications.filter(({ status }) => status === 200);
    return { taken: taken.length, records: taken.flatMap(({ body }) => body.ids as string[]).length };
  }

  get counts(): { readonly gongRequests: number; readonly zohoRequests: number; readonly accounts: number } {
    const { gong, zoho } = this;
    return {
      gongRequests: gong.requests.length,
      zohoRequests: zoho.apiRequests.length,
      accounts: ACCOUNTS.length,
    };
  }

  /** Accounts of which Cognee has a document; of one that changed it has the older one too, until it is cleaned up. */
  get remembered(): number {
    const titles = this.cognee.documents('zoho_crm_accounts').map(({ text }) => /^# .*$/m.exec(text)?.[0]);
    return new Set(titles).size;
  }

  async stop(): Promise<void> {
    await Promise.all([this.gong.close(), this.zoho.stop(), this.cognee.stop()]);
  }

  private addAccount({ name, domain, industry }: GongAccount, place: number): void {
    const { data } = this.zoho;
    const id = data.insert('Accounts', {
      Account_Name: name,
      Industry: industry,
      Account_Type: 'Customer',
      Website: `https://www.${domain}`,
    });
    const account = { id, name };
    const parent = { ...account, module: { api_name: 'Accounts', id: data.moduleId('Accounts') } };
    data.insert('Notes', {
      Note_Title: 'Success notes',
      Note_Content: NOTES[place % NOTES.length],
      Parent_Id: parent,
    });
    data.insert('Contacts', {
      Full_Name: 'Jordan Lee',
      Last_Name: 'Lee',
      Email: `jordan.lee@${domain}`,
      Account_Name: account,
    });
    data.insert('Deals', {
      Deal_Name: `${name} renewal`,
      Stage: 'Negotiation/Review',
      Amount: 48_000 + place * 6_000,
      Account_Name: account,
    });
  }
}
