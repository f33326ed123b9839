import { Redis } from 'ioredis';
import { AppError } from '../../../src/contracts/errors.js';
import { CogneeMemory } from '../../../src/memory/cognee/cognee.memory.js';
import { COGNEE_USER, CogneeSimulator } from '../../simulators/cognee/cognee-simulator.js';
import { accountDocument, FOUR_ACCOUNTS } from '../../factories/account-document.factory.js';
import { startRedis } from '../../support/redis-server.js';
import { waitFor } from '../../support/wait-for.js';
import { CogneeProcess, type CogneeProcessOptions, DATASET } from './cognee-process.js';
import { describeMemory } from './memory-conformance.js';
import { startRememberer } from './rememberer.js';

const LOGIN = { type: 'login', ...COGNEE_USER } as const;
const UNHAPPY = 'who is unhappy about onboarding?';

let server: Awaited<ReturnType<typeof startRedis>>;
let redis: Redis;

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(() => redis.flushdb());

/** What a promise is rejected with. */
async function errorOf(promise: Promise<unknown>): Promise<AppError> {
  const thrown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(AppError);
  return thrown as AppError;
}

describe.each([
  ['with a login and access control', {}, LOGIN],
  ['without access control', { accessControl: false, requireAuthentication: false }, { type: 'none' }],
  ['of an old version', { isOld: true }, LOGIN],
] as const)('Cognee %s', (name, options, credentials) => {
  describeMemory(`Cognee ${name}`, async () => {
    await redis.flushdb();
    const cognee = await CogneeSimulator.start(options);
    const processes = [1, 2].map(() => new CogneeProcess(redis, { baseUrl: cognee.url, credentials }));
    const [first, second] = processes.map((process) => process.startBuilder()) as [
      CogneeProcess,
      CogneeProcess,
    ];
    return {
      memory: first.memory,
      otherProcess: second.memory,
      dispose: async () => {
        await Promise.all(processes.map((process) => process.stop()));
        await cognee.stop();
      },
    };
  });
});

describe(CogneeMemory.name, () => {
  let cognee: CogneeSimulator;
  let processes: CogneeProcess[];
  beforeEach(async () => {
    cognee = await CogneeSimulator.start();
    processes = [];
  });
  afterEach(async () => {
    await Promise.all(processes.map((process) => process.stop()));
    await cognee.stop();
  });

  function start(options: Partial<CogneeProcessOptions> = {}): CogneeProcess {
    const process = new CogneeProcess(redis, { baseUrl: cognee.url, credentials: LOGIN, ...options });
    processes.push(process);
    return process;
  }
  const texts = () => cognee.documents(DATASET).map(({ text }) => text);
  const graphIsBuilt = () =>
    waitFor('the graph', () => {
      const documents = cognee.documents(DATASET);
      return documents.length > 0 && documents.every(({ isProcessed }) => isProcessed);
    });

  const graphIsBuiltAndKnown = (process: CogneeProcess) =>
    waitFor('the graph to be known as built', async () => {
      const [datasetId = ''] = [...cognee.library.datasets.keys()];
      const { changes, built } = await process.state.graphNeed(datasetId);
      return changes > 0 && built === changes;
    });

  describe('the upload', () => {
    it('is a file named by its content, with the dataset and node sets of account and groups', async () => {
      await start().memory.remember(accountDocument({ labels: ['industry:Robots', 'tier:1'] }));
      expect(cognee.requestsOf('POST /api/v1/add')).toMatchObject([
        {
          contentType: expect.stringMatching(/^multipart\/form-data/) as string,
          body: {
            data: [
              { file: expect.stringMatching(/^account_6890123000000451007_[0-9a-f]{16}\.txt$/) as string },
            ],
            datasetName: [DATASET],
            node_set: ['account:6890123000000451007', 'industry:Robots', 'tier:1'],
          },
        },
      ]);
    });

    it('asks for chunks by name, whatever the version would do by itself', async () => {
      await start().memory.recall('zeppelins', 7);
      expect(cognee.requestsOf('POST /api/v1/search')).toMatchObject([
        { body: { searchType: 'CHUNKS', query: 'zeppelins', datasets: [DATASET], topK: 7 } },
      ]);
    });
  });

  describe('signing in', () => {
    it('logs in once for many requests', async () => {
      const { memory } = start();
      await Promise.all(FOUR_ACCOUNTS.map((document) => memory.remember(document)));
      expect(cognee.logins).toBe(1);
      expect(cognee.requestsOf('POST /api/v1/auth/login')).toMatchObject([
        { contentType: expect.stringMatching(/^application\/x-www-form-urlencoded/) as string },
      ]);
    });

    it('renews an expired token and repeats the request, for many at once', async () => {
      const { memory } = start();
      await memory.remember(accountDocument());
      cognee.expireTokens();
      await Promise.all(FOUR_ACCOUNTS.map((document) => memory.remember(document)));
      expect(cognee.documents(DATASET)).toHaveLength(5);
      expect(cognee.logins).toBeGreaterThanOrEqual(2);
    });

    it('sends an API key and never logs in', async () => {
      const { memory } = start({ credentials: { type: 'api-key', apiKey: cognee.newApiKey() } });
      await memory.remember(accountDocument());
      expect(cognee.logins).toBe(0);
      expect(cognee.documents(DATASET)).toHaveLength(1);
    });

    it.each([
      ['password', { ...LOGIN, password: 'wrong-password' }],
      ['API key', { type: 'api-key', apiKey: 'wrong-key' }],
    ] as const)(
      'waits for an operator when the %s is wrong, and never shows it',
      async (_what, credentials) => {
        const error = await errorOf(start({ credentials }).memory.remember(accountDocument()));
        expect(error).toMatchObject({ code: 'MEMORY.UNAUTHORIZED', retry: { afterMs: 60_000 } });
        expect(error.message).not.toMatch(/wrong-/);
      },
    );

    it('logs in anew after a login that failed', async () => {
      cognee.answerNext('POST /api/v1/auth/login', { status: 503, body: {} });
      const { memory } = start();
      expect((await errorOf(memory.remember(accountDocument()))).code).toBe('MEMORY.UNAVAILABLE');
      expect(await memory.remember(accountDocument())).toBe('stored');
    });
  });

  describe('what Cognee answers', () => {
    it.each([
      [400, { detail: [{ type: 'uuid_parsing' }], body: null }, 'MEMORY.REFUSED', 'never'],
      [402, { error: 'Token budget exhausted' }, 'MEMORY.BUDGET_EXHAUSTED', { afterMs: 900_000 }],
      [403, { detail: 'no permission' }, 'MEMORY.UNAUTHORIZED', { afterMs: 60_000 }],
      [404, { detail: 'Not Found' }, 'MEMORY.CONFLICT', { afterMs: 60_000 }],
      [409, { error: 'something' }, 'MEMORY.CONFLICT', { afterMs: 15_000 }],
      [413, 'too large', 'MEMORY.REFUSED', 'never'],
      [420, { status: 'PipelineRunErrored' }, 'MEMORY.PIPELINE_FAILED', { afterMs: 60_000 }],
      [429, {}, 'MEMORY.UNAVAILABLE', { afterMs: 15_000 }],
      [500, { error: 'Pipeline run errored', detail: 'x' }, 'MEMORY.PIPELINE_FAILED', { afterMs: 60_000 }],
      [500, 'Internal Server Error', 'MEMORY.UNAVAILABLE', { afterMs: 15_000 }],
      [502, '<html>bad gateway</html>', 'MEMORY.UNAVAILABLE', { afterMs: 15_000 }],
      [200, '<html>a captive portal</html>', 'MEMORY.UNAVAILABLE', { afterMs: 15_000 }],
      [200, { status: 'PipelineRunErrored' }, 'MEMORY.PIPELINE_FAILED', { afterMs: 60_000 }],
    ])('to an upload, %i %j, is %s', async (status, body, code, retry) => {
      const { memory } = start();
      cognee.answerNext('POST /api/v1/add', { status, body });
      const error = await errorOf(memory.remember(accountDocument({ notes: ['A secret remark.'] })));
      expect(error).toMatchObject({ code, retry });
      expect(error.message).not.toMatch(/secret|portal|gateway<|uuid_parsing/);
      expect(await memory.remember(accountDocument())).toBe('stored');
    });

    it('to a full server may say when to come again', async () => {
      cognee.answerNext('POST /api/v1/add', { status: 429, body: {}, headers: { 'retry-after': '7' } });
      expect(await errorOf(start().memory.remember(accountDocument()))).toMatchObject({
        retry: { afterMs: 7_000 },
      });
    });

    it('without a data id, as an old server may, is looked up by the name of the file', async () => {
      const { memory } = start();
      await memory.remember(accountDocument());
      const [{ id } = { id: '' }] = cognee.documents(DATASET);
      await redis.flushdb();
      const again = start();
      cognee.answerNext('POST /api/v1/add', { status: 200, body: { status: 'PipelineRunCompleted' } });
      expect(await again.memory.remember(accountDocument())).toBe('stored');
      const [datasetId = ''] = [...cognee.library.datasets.keys()];
      expect((await again.state.accounts(datasetId, ['6890123000000451007']))[0]?.dataId).toBe(id);
    });
  });

  describe('an outage', () => {
    it('loses nothing: what was refused with a time to wait is stored when it is retried', async () => {
      const { memory, circuit } = start();
      await memory.remember(FOUR_ACCOUNTS[0] ?? accountDocument());
      cognee.isDown = true;
      for (let attempt = 0; attempt < 3; attempt += 1) {
        for (const document of FOUR_ACCOUNTS.slice(1)) {
          const error = await errorOf(memory.remember(document));
          expect(error).toMatchObject({
            code: 'MEMORY.UNAVAILABLE',
            retry: { afterMs: expect.any(Number) as number },
          });
        }
      }
      expect((await errorOf(memory.recall(UNHAPPY, 5))).code).toBe('MEMORY.UNAVAILABLE');
      expect((await circuit.get()).values).toMatchObject([{ value: 1, labels: { dependency: 'memory' } }]);
      cognee.isDown = false;
      for (const document of FOUR_ACCOUNTS) {
        await waitFor('the document to be taken', () => memory.remember(document).catch(() => false));
      }
      expect(cognee.documents(DATASET)).toHaveLength(4);
      expect((await circuit.get()).values).toMatchObject([{ value: 0 }]);
      start().startBuilder();
      await graphIsBuilt();
      expect((await memory.recall(UNHAPPY, 1))[0]?.accountName).toBe('Larkspur Dental');
    });

    it('is not asked again and again: the circuit opens after five, and lets one try after its pause', async () => {
      const { memory } = start({ circuitFailures: 5, circuitPauseMs: 300 });
      cognee.answerNext('POST /api/v1/search', { status: 503, body: {} }, 6);
      for (let attempt = 0; attempt < 12; attempt += 1) await errorOf(memory.recall('words', 1));
      expect(cognee.requestsOf('POST /api/v1/auth/login')).toHaveLength(1);
      await waitFor('the circuit to close', async () => {
        return (await memory.recall('words', 1).catch(() => undefined)) !== undefined;
      });
    });

    it('stores once what was taken though its answer was lost', async () => {
      const { memory } = start();
      cognee.loseAnswer('POST /api/v1/add');
      expect((await errorOf(memory.remember(accountDocument()))).code).toBe('MEMORY.UNAVAILABLE');
      expect(cognee.documents(DATASET)).toHaveLength(1);
      expect(await memory.remember(accountDocument())).toBe('stored');
      expect(await memory.remember(accountDocument())).toBe('unchanged');
      expect(cognee.documents(DATASET)).toHaveLength(1);
    });

    it('leaves no orphan when the answer was lost and the account has changed by the next time', async () => {
      const { memory } = start();
      cognee.loseAnswer('POST /api/v1/add');
      await errorOf(memory.remember(accountDocument({ notes: ['The lost one.'] })));
      await memory.remember(accountDocument({ notes: ['The later one.'] }));
      expect(texts()).toEqual([expect.stringContaining('The later one.')]);
    });

    it('leaves nothing behind of an account whose upload was lost and that is forgotten', async () => {
      const { memory } = start();
      cognee.loseAnswer('POST /api/v1/add');
      await errorOf(memory.remember(accountDocument()));
      await memory.forget(accountDocument().accountId);
      expect(texts()).toEqual([]);
    });

    it('does not call an account forgotten while an upload of it may still arrive', async () => {
      const { memory } = start();
      cognee.answerNext('POST /api/v1/add', { status: 504, body: '' });
      await errorOf(memory.remember(accountDocument()));
      const error = await errorOf(memory.forget(accountDocument().accountId));
      expect(error).toMatchObject({ code: 'MEMORY.BUSY', retry: { afterMs: 60_000 } });
    });

    it('of a request that hangs ends at its deadline', async () => {
      const { memory } = start({ requestTimeoutMs: 200 });
      await memory.remember(accountDocument());
      cognee.hangNext('POST /api/v1/add');
      const error = await errorOf(memory.remember(accountDocument({ notes: ['Later.'] })));
      expect(error).toMatchObject({
        code: 'MEMORY.UNAVAILABLE',
        message: expect.stringContaining('TimeoutError') as string,
      });
    });
  });

  describe('replacing a document', () => {
    const old = accountDocument({ notes: ['Frustrated with the onboarding.'] });
    const newer = accountDocument({ notes: ['Happy since the second training.'] });

    it('keeps the old one findable until the new one is, and deletes it then', async () => {
      const process = start().startBuilder();
      await process.memory.remember(old);
      await graphIsBuilt();
      cognee.isProcessingPaused = true;
      await process.memory.remember(newer);
      expect(texts()).toHaveLength(2);
      expect((await process.memory.recall('onboarding', 5))[0]?.text).toContain('Frustrated');
      cognee.isProcessingPaused = false;
      await waitFor('the old document to go', () => texts().length === 1);
      await graphIsBuilt();
      expect(texts()[0]).toContain('Happy since');
      expect((await process.memory.recall('second training', 5))[0]?.text).toContain('Happy since');
    });

    it('deletes at once what was never findable', async () => {
      const { memory } = start();
      await memory.remember(old);
      await memory.remember(newer);
      expect(texts()).toEqual([expect.stringContaining('Happy since')]);
    });

    it('takes a failed deletion up again at the next remember, and says that something has changed', async () => {
      const { memory } = start();
      await memory.remember(old);
      cognee.answerNext('DELETE ', { status: 503, body: {} });
      expect((await errorOf(memory.remember(newer))).code).toBe('MEMORY.UNAVAILABLE');
      expect(texts()).toHaveLength(2);
      expect(await memory.remember(newer)).toBe('stored');
      expect(texts()).toEqual([expect.stringContaining('Happy since')]);
      expect(await memory.remember(newer)).toBe('unchanged');
    });

    it('does not delete the document that came back while its deletion was due', async () => {
      const { memory } = start();
      await memory.remember(old);
      cognee.answerNext('DELETE ', { status: 503, body: {} });
      await errorOf(memory.remember(newer));
      await memory.remember(old);
      expect(texts()).toEqual([expect.stringContaining('Frustrated')]);
    });

    it('does not mind that the old one is already gone', async () => {
      const { memory } = start();
      await memory.remember(old);
      cognee.answerNext('DELETE ', { status: 404, body: { detail: 'Not Found' } });
      expect(await memory.remember(newer)).toBe('stored');
    });
  });

  describe('a process killed', () => {
    const [before, after] = [1, 2].map((version) => {
      return accountDocument({ accountId: 'rememberer', notes: [`Version ${version} of the rememberer.`] });
    }) as [ReturnType<typeof accountDocument>, ReturnType<typeof accountDocument>];
    const kill = async (hangs: string) => {
      await start().memory.remember(before);
      cognee.hangNext(hangs);
      const rememberer = startRememberer({
        REDIS_URL: server.url,
        COGNEE_API_URL: cognee.url,
        COGNEE_USERNAME: COGNEE_USER.username,
        COGNEE_PASSWORD: COGNEE_USER.password,
        DOCUMENT: JSON.stringify(after),
      });
      await rememberer.said('remembering');
      await waitFor('the request that hangs', () => {
        return cognee.requestsOf(hangs).some(({ body }) => body === null);
      });
      await rememberer.kill9();
    };

    it('between add and delete leaves both; the next remember deletes the old one', async () => {
      await kill('DELETE ');
      expect(texts()).toHaveLength(2);
      expect(await start().memory.remember(after)).toBe('stored');
      expect(texts()).toEqual([expect.stringContaining('Version 2')]);
    });

    it('between add and delete leaves both; a process that starts deletes the old one by itself', async () => {
      await kill('DELETE ');
      start().startBuilder();
      await waitFor('the old document to go', () => texts().length === 1, { timeoutMs: 40_000 });
      expect(texts()).toEqual([expect.stringContaining('Version 2')]);
    });

    it('during the upload leaves the old one; the next remember stores the new one', async () => {
      await kill('POST /api/v1/add');
      expect(texts()).toEqual([expect.stringContaining('Version 1')]);
      expect(await start().memory.remember(after)).toBe('stored');
      expect(texts()).toEqual([expect.stringContaining('Version 2')]);
    });
  });

  describe('building the graph', () => {
    it('gathers many changes into few runs, over all processes', async () => {
      const options = { cognify: { quietMs: 300, longestWaitMs: 20_000 } };
      const [one, other] = [start(options).startBuilder(), start(options).startBuilder()];
      for (let index = 0; index < 20; index += 1) {
        const { memory } = index % 2 === 0 ? one : other;
        await memory.remember(accountDocument({ accountId: `a${index}` }));
      }
      await graphIsBuilt();
      expect(cognee.documents(DATASET)).toHaveLength(20);
      expect(cognee.runs).toBeLessThanOrEqual(3);
    });

    it('does not wait for ever for a quiet moment', async () => {
      const { memory } = start({ cognify: { quietMs: 60_000, longestWaitMs: 100 } }).startBuilder();
      await memory.remember(accountDocument());
      await graphIsBuilt();
    });

    it('runs again for what came while it ran', async () => {
      const { memory } = start().startBuilder();
      cognee.isProcessingPaused = true;
      await memory.remember(accountDocument({ accountId: 'early' }));
      await waitFor('the first run', () => cognee.runs === 1);
      await memory.remember(accountDocument({ accountId: 'late' }));
      cognee.isProcessingPaused = false;
      await graphIsBuilt();
      expect(cognee.documents(DATASET)).toHaveLength(2);
    });

    it('is not forgotten by a process that dies: another one does it', async () => {
      await start().memory.remember(accountDocument());
      expect(cognee.runs).toBe(0);
      start().startBuilder();
      await graphIsBuilt();
    });

    it.each([
      ['a run that fails', () => void (cognee.failingRuns = 1)],
      ['a spent budget', () => cognee.answerNext('POST /api/v1/cognify', { status: 402, body: {} })],
      ['a lost answer', () => cognee.loseAnswer('POST /api/v1/cognify')],
      [
        'a status that cannot be had',
        () => cognee.answerNext('GET /api/v1/datasets/status', { status: 409, body: {} }),
      ],
    ])('is tried again after %s', async (_what, plan) => {
      plan();
      await start().startBuilder().memory.remember(accountDocument());
      await waitFor('the mishap', () => cognee.hasHappened);
      // The first process pauses now, some of them for minutes; one that starts does not.
      await graphIsBuiltAndKnown(start().startBuilder());
      expect(cognee.documents(DATASET)).toMatchObject([{ isProcessed: true }]);
    });

    it('does not run when nothing has changed', async () => {
      const process = start().startBuilder();
      await process.memory.remember(accountDocument());
      await graphIsBuilt();
      await process.memory.remember(accountDocument());
      await process.memory.recall('kickoff', 1);
      await graphIsBuiltAndKnown(process);
      expect(cognee.runs).toBe(1);
    });
  });

  it('fills a Cognee anew that somebody has wiped', async () => {
    await start().memory.remember(accountDocument());
    cognee.wipe();
    const { memory } = start();
    expect(await memory.remember(accountDocument())).toBe('stored');
    expect(cognee.documents(DATASET)).toHaveLength(1);
  });

  it('notices a wiped Cognee while it runs, and stores at the retry', async () => {
    const { memory } = start();
    await memory.remember(accountDocument());
    cognee.wipe();
    const newer = accountDocument({ notes: ['Newer.'] });
    expect(await errorOf(memory.remember(newer))).toMatchObject({
      code: 'MEMORY.CONFLICT',
      retry: { afterMs: 1_000 },
    });
    expect(await memory.remember(newer)).toBe('stored');
    expect(texts()).toEqual([expect.stringContaining('Newer.')]);
  });

  it('says how it is without asking for details, which would cost a call of the language model', async () => {
    const { memory } = start();
    await memory.remember(accountDocument());
    expect(await memory.probe()).toEqual({
      status: 'up',
      details: { memory: 'cognee', version: '1.5.2', documents: 1 },
    });
    cognee.answerNext('GET /health', { status: 503, body: { status: 'not ready', version: '1.5.2' } });
    expect(await memory.probe()).toMatchObject({ status: 'down' });
    expect(cognee.requestsOf('GET /health/detailed')).toEqual([]);
  });
});
