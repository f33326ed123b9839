import { randomBytes } from 'node:crypto';
import { gongCall } from '../../factories/gong-call.factory.js';
import { GongApiSimulator } from '../../simulators/gong/gong-api.simulator.js';
import { GongWebhookSender } from '../../simulators/gong/gong-webhook-sender.js';
import { ZohoApiSimulator } from '../../simulators/zoho/zoho-api.simulator.js';
import { waitFor } from '../../support/wait-for.js';
import { queryWarehouse } from '../../support/warehouse-file.js';
import type { Claim } from './claim.js';
import type { Plan } from './plan.js';
import { TributaryService } from './tributary-service.js';

const CALLS_PER_SECOND = 10;
const ACCOUNTS_PER_SECOND = 5;
const BATCH = 10;
const CHANNEL = '1000000068001';
const CALLS_PATH = '/webhook/gong/calls';
const WEEK_MS = 7 * 24 * 3_600_000;

/** What takes its time with the vendors: enrichment within Gong's quota, and accounts that change in the CRM. */
export async function measureVendors(plan: Plan, say: (line: string) => void): Promise<Claim[]> {
  const house = await VendorHouse.open();
  try {
    say(`${CALLS_PER_SECOND} calls/s and ${ACCOUNTS_PER_SECOND} accounts/s for ${plan.vendorSeconds} s`);
    await house.traffic(plan.vendorSeconds);
    say(`a notification of ${BATCH} accounts`);
    return claimsOf(await house.batch());
  } finally {
    await house.close();
  }
}

interface Found {
  readonly enrichmentP90Seconds: number;
  readonly fullShare: number;
  readonly memoryP95Seconds: number;
  readonly batchSeconds: number;
}

class VendorHouse {
  private readonly token = randomBytes(16).toString('hex');
  private readonly early: string[] = [];
  private calls = 0;
  private accounts = 0;

  private constructor(
    private readonly service: TributaryService,
    private readonly gong: GongApiSimulator,
    private readonly zoho: ZohoApiSimulator,
  ) {}

  static async open(): Promise<VendorHouse> {
    const service = await TributaryService.create();
    const gong = await GongApiSimulator.start();
    const zoho = await ZohoApiSimulator.start({ concurrency: 10 });
    const house = new VendorHouse(service, gong, zoho);
    await house.start();
    return house;
  }

  /** Accounts that exist before the channel does cause no notification. */
  private async start(): Promise<void> {
    const { service, gong, zoho, token } = this;
    for (let index = 0; index < BATCH; index += 1) this.early.push(this.addAccount(`Early ${index}`));
    await service.start({
      ...gong.environment,
      ...zoho.environment,
      ZOHO_CHANNEL_TOKENS: `${CHANNEL}:${token}`,
    });
    zoho.watch({
      channel_id: CHANNEL,
      events: ['Accounts.all'],
      notify_url: `${service.url}/webhooks/zoho`,
      token,
      channel_expiry: `${new Date(Date.now() + WEEK_MS - 60_000).toISOString().slice(0, 19)}+00:00`,
    });
  }

  async traffic(seconds: number): Promise<void> {
    const sender = new GongWebhookSender(this.service.url);
    const sending: Promise<void>[] = [];
    const startedAt = performance.now();
    const [calls, accounts] = [seconds * CALLS_PER_SECOND, seconds * ACCOUNTS_PER_SECOND];
    while (this.calls < calls || this.accounts < accounts) {
      const elapsed = Math.min(seconds, (performance.now() - startedAt) / 1000);
      while (this.calls < elapsed * CALLS_PER_SECOND) sending.push(this.sendCall(sender));
      for (; this.accounts < elapsed * ACCOUNTS_PER_SECOND; this.accounts += 1) {
        this.addAccount(`Account ${this.accounts}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await Promise.all(sending);
    await this.zoho.notified();
    await this.untilDone(this.accounts);
  }

  /** One notification of several records; then everything is read from the rows. */
  async batch(): Promise<Found> {
    const sentAt = new Date().toISOString();
    this.zoho.data.updateMany(
      'Accounts',
      this.early.map((id) => [id, { Industry: 'Logistics' }]),
    );
    await this.zoho.notified();
    await this.untilDone(this.accounts + BATCH);
    await this.service.halt();
    return this.found(sentAt);
  }

  async close(): Promise<void> {
    await this.service.stop();
    await Promise.all([this.gong.close(), this.zoho.stop()]);
  }

  private addAccount(name: string): string {
    return this.zoho.data.insert('Accounts', { Account_Name: name, Industry: 'Retail' });
  }

  private async sendCall(sender: GongWebhookSender): Promise<void> {
    this.calls += 1;
    const call = gongCall({ seed: 700_000 + this.calls });
    this.gong.addCall(call);
    const body = Buffer.from(JSON.stringify(call));
    const token = this.service.signer.sign({ url: `${this.service.url}${CALLS_PATH}`, body });
    const { status } = await sender.send({ path: CALLS_PATH, body, token });
    if (status !== 200) throw new Error(`a call was answered ${status}`);
  }

  private async untilDone(snapshots: number): Promise<void> {
    const isDone = async () => {
      const { enhancedRows } = await this.service.progress();
      return (await this.service.rows('ZOHO_ACCOUNT_SNAPSHOTS')) >= snapshots && enhancedRows >= this.calls;
    };
    await waitFor('the rows of all calls and accounts', isDone, { timeoutMs: 120_000, intervalMs: 500 });
  }

  private async found(batchSentAt: string): Promise<Found> {
    const seconds = (end: string, start: string) => `(epoch_ms(${end}) - epoch_ms(${start})) / 1000`;
    const age = seconds('h.OCCURRED_AT', 'raw.RECEIVED_AT');
    const remembered = `FROM ZOHO_EVENTS_RAW AS raw JOIN WEBHOOK_PROCESSING_HISTORY AS h
      ON h.EVENT_ID = raw.EVENT_ID AND h.STAGE = 'remember' AND h.STATUS = 'completed'`;
    const [row = {}] = await queryWarehouse(
      this.service.warehousePath,
      `SELECT (SELECT quantile_cont(${age}, 0.9) FROM GONG_WEBHOOKS_RAW AS raw JOIN WEBHOOK_PROCESSING_HISTORY AS h
                 ON h.EVENT_ID = raw.EVENT_ID AND h.STAGE = 'enrich' AND h.STATUS = 'completed') AS "enrichmentP90Seconds",
              (SELECT avg((ENRICHMENT_STATUS = 'full')::INTEGER) FROM GONG_CALLS_ENHANCED) AS "fullShare",
              (SELECT quantile_cont(${age}, 0.95) ${remembered} WHERE raw.RECEIVED_AT < '${batchSentAt}') AS "memoryP95Seconds",
              (SELECT max(${age}) ${remembered} WHERE raw.RECEIVED_AT >= '${batchSentAt}') AS "batchSeconds"`,
    );
    const figure = (name: keyof Found) => Number(row[name] ?? NaN);
    return {
      enrichmentP90Seconds: figure('enrichmentP90Seconds'),
      fullShare: figure('fullShare'),
      memoryP95Seconds: figure('memoryP95Seconds'),
      batchSeconds: figure('batchSeconds'),
    };
  }
}

function claimsOf({ enrichmentP90Seconds, fullShare, memoryP95Seconds, batchSeconds }: Found): Claim[] {
  return [
    {
      what: 'enrichment, p90',
      seed: '< 30 s for 90 %',
      measured: enrichmentP90Seconds,
      unit: 's',
      target: { below: 30 },
      how: `${CALLS_PER_SECOND} calls/s, simulated Gong with its 3 requests/s; ${(fullShare * 100).toFixed(0)} % of the rows are full`,
    },
    {
      what: 'event to memory, p95',
      seed: '< 10 s',
      measured: memoryP95Seconds,
      unit: 's',
      target: { below: 10 },
      how: `${ACCOUNTS_PER_SECOND} new accounts/s in a simulated Zoho, local memory; from reception to the stored document`,
    },
    {
      what: `batch of ${BATCH} events`,
      seed: '< 30 s',
      measured: batchSeconds,
      unit: 's',
      target: { below: 30 },
      how: 'one Zoho notification of ten accounts, until the last is remembered',
    },
  ];
}
