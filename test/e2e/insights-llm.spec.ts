import { Redis } from 'ioredis';
import { findsWords, LlmSimulator } from '../simulators/llm/llm-simulator.js';
import { GongHouse } from '../support/gong-house.js';
import { type ReceivedMessage, subscribe } from '../support/subscriber.js';
import { waitFor } from '../support/wait-for.js';
import { queryWarehouse } from '../support/warehouse-file.js';

const EMAILS = '/webhook/gong/emails';

interface Said {
  readonly id: string;
  readonly eventId: string;
  readonly priority: string;
  readonly supersedes?: string;
  readonly insights: readonly {
    readonly source: string;
    readonly evidence: readonly { readonly quote: string }[];
  }[];
}

describe('a language model that reads after the rules', () => {
  let llm: LlmSimulator;
  let house: GongHouse;
  let agent: { received: ReceivedMessage[]; close: () => void };

  beforeAll(async () => {
    llm = await LlmSimulator.start();
    llm.model = findsWords(/magic/, { kind: 'churn_risk', score: 0.9 });
    house = await GongHouse.open({ ...llm.environment, WEBHOOK_RETRY_DELAY_BASE: '1' });
    agent = await subscribe(house.redis.url);
  });
  afterAll(async () => {
    agent.close();
    await house.close();
    await llm.stop();
  });

  /** @returns the id of the event */
  async function mail(emailId: string, text: string): Promise<string> {
    const email = {
      emailId,
      subject: 'Hello',
      from: 'kim@fabrikam.example',
      to: ['lee@blueharbor.example'],
      cc: [],
      body: text,
    };
    const body = Buffer.from(JSON.stringify(email));
    const token = house.signer.sign({ url: `${house.service.url}${EMAILS}`, body });
    const answer = await house.sender.send({ path: EMAILS, body, token });
    return (answer.body as { eventIds: string[] }).eventIds[0] ?? '';
  }

  const mailsOf = (eventId: string) =>
    agent.received
      .filter(({ channel }) => channel === 'sophia:gong:emails')
      .map(({ message }) => message as unknown as Said)
      .filter((message) => message.eventId === eventId);

  it('adds to messages and rows what is news, and is skipped where it does not answer', async () => {
    const found = await mail('mail-found', 'Hi Lee, somehow the magic is gone. Kim');
    await waitFor('the second message', () => mailsOf(found).length === 2);
    const [first, second] = mailsOf(found);
    expect(first?.insights.filter(({ source }) => source === 'llm')).toEqual([]);
    expect([first?.priority, second?.priority, second?.supersedes]).toEqual(['low', 'medium', first?.id]);
    const [insight] = second?.insights.filter(({ source }) => source === 'llm') ?? [];
    expect(insight?.evidence[0]?.quote).toBe('Hi Lee, somehow the magic is gone.');

    const nothing = await mail('mail-nothing', 'Hi Lee, it rained all week. Kim');
    await waitFor('the model to have read both', () => llm.requests.length === 2);
    llm.behaviour = 'broken';
    const broken = await mail('mail-broken', 'Hi Lee, the magic is still gone. Kim');
    const redis = new Redis(house.redis.url);
    await waitFor('three attempts', () => llm.requests.length === 5, { timeoutMs: 40_000 });
    await waitFor('an empty queue', async () => {
      const keys = ['wait', 'active', 'delayed', 'failed'].map(
        (state) => `{tributary}:insights-llm:${state}`,
      );
      return (await redis.exists(...keys)) === 0;
    });
    redis.disconnect();
    expect([mailsOf(nothing).length, mailsOf(broken).length]).toEqual([1, 1]);
    expect(await house.metric('llm_calls_total{status="500"}')).toBe(3);
    expect(await house.metric('llm_daily_tokens_remaining')).toBe(998_000);

    expect(await house.service.terminate()).toBe(0);
    expect(house.service.output).not.toMatch(/a-key-of-the-simulated-model|magic is/);
    const rows = await queryWarehouse(
      house.service.warehousePath,
      'SELECT EMAIL_ID, PRIORITY, INSIGHTS LIKE \'%"llm"%\' AS IS_REVIEWED FROM GONG_EMAILS_ENHANCED ORDER BY 1',
    );
    expect(rows).toEqual([
      { EMAIL_ID: 'mail-broken', PRIORITY: 'low', IS_REVIEWED: false },
      { EMAIL_ID: 'mail-found', PRIORITY: 'medium', IS_REVIEWED: true },
      { EMAIL_ID: 'mail-nothing', PRIORITY: 'low', IS_REVIEWED: false },
    ]);
    const history = await queryWarehouse(
      house.service.warehousePath,
      "SELECT EVENT_ID, STATUS, ATTEMPT FROM WEBHOOK_PROCESSING_HISTORY WHERE STAGE = 'review'",
    );
    const statusOf = (eventId: string) => history.find(({ EVENT_ID }) => EVENT_ID === eventId)?.STATUS;
    expect([found, nothing, broken].map(statusOf)).toEqual(['completed', 'completed', 'skipped']);
    expect(history).toHaveLength(3);
  });
});
