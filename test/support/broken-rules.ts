import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { AdminDesk, type DeskAnswer, DESK_TOKENS } from './admin-desk.js';
import { answerBody, GongHouse } from './gong-house.js';
import { waitFor } from './wait-for.js';
import { queryWarehouse, rowCounts } from './warehouse-file.js';

/** What `unless the next word is one of these` becomes when a tool writes it: far deeper than a stack. */
const NAMES = 40_000;
const ENOUGH_MS = { timeoutMs: 60_000 };

/**
 * A house whose rule files can be broken in a way that no check at loading sees: every pattern of the file is
 * right, and one is so long that trying it overflows the stack. Only titles with "renewal" try it.
 */
export class BrokenRules {
  private constructor(
    readonly house: GongHouse,
    readonly desk: AdminDesk,
    private readonly folder: string,
  ) {}

  static async open(): Promise<BrokenRules> {
    const folder = mkdtempSync(join(tmpdir(), 'tributary-test-rules-'));
    cpSync(resolve('config/insights'), folder, { recursive: true });
    // An attempt that fails is not worth repeating here: it is the replay that is tested.
    const more = { INSIGHT_RULES_DIR: folder, WEBHOOK_MAX_RETRIES: '1' };
    const house = await GongHouse.open({ ...DESK_TOKENS, ...more });
    return new BrokenRules(house, new AdminDesk(house.service.url), folder);
  }

  async close(): Promise<void> {
    await this.house.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async break(): Promise<void> {
    const names = Array.from({ length: NAMES }, (_name, index) => `!product${index}`);
    const lines = [
      'lists:',
      '  other-products:',
      `    - '${names.join(' ')} renewal'`,
      'titles:',
      '  - { id: title.own-renewal, kind: upsell, weight: 0.2, patterns: ["<other-products>"] }',
    ];
    writeFileSync(join(this.folder, 'products.yaml'), lines.join('\n'));
    await this.reload();
  }

  async mend(): Promise<void> {
    rmSync(join(this.folder, 'products.yaml'));
    await this.reload();
  }

  /** Posts so many different calls, each acknowledged, and waits until each is a dead letter. @returns their event ids. */
  async failCalls(count: number): Promise<string[]> {
    const seeds = Array.from({ length: count }, (_item, index) => index + 1);
    const answers = await Promise.all(
      seeds.map((seed) => this.house.postCall({ seed, metaData: { title: `Renewal ${seed}` } })),
    );
    const ids = answers.flatMap((answer) => answerBody(answer).eventIds);
    await waitFor('all to have failed', async () => (await this.failed()) === count, ENOUGH_MS);
    return ids;
  }

  /** How many would be replayed. */
  async failed(): Promise<number> {
    const { body } = await this.desk.ask('POST', '/dead-letters/replay', { filter: FILTER, dryRun: true });
    return Number(body.matched);
  }

  private async reload(): Promise<void> {
    expect(await this.desk.ask('POST', '/insights/reload')).toMatchObject({ status: 200 });
  }

  replay(): Promise<DeskAnswer> {
    return this.desk.ask('POST', '/dead-letters/replay', { filter: FILTER, limit: 1_000 });
  }

  /** Ends the service. @returns how many rows there are, and how many of them more than once. */
  async rowsInTheEnd(): Promise<Record<string, number>> {
    expect(await this.house.service.terminate()).toBe(0);
    const path = this.house.service.warehousePath;
    const rows = await rowCounts(path, ['GONG_WEBHOOKS_RAW', 'GONG_CALLS_ENHANCED']);
    const [repeated] = await queryWarehouse(
      path,
      `SELECT count(*)::INTEGER AS n FROM (
        SELECT EVENT_ID FROM WEBHOOK_PROCESSING_HISTORY WHERE STAGE = 'store' AND STATUS = 'completed'
        GROUP BY EVENT_ID HAVING count(*) > 1)`,
    );
    return { ...rows, storedTwice: Number(repeated?.n) };
  }
}

/** What an operator asks for: what the broken rule did, and nothing else. */
const FILTER = { source: 'events', code: 'STAGE.FAILED' };
