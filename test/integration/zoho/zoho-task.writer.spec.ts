import type { CrmTask } from '../../../src/contracts/crm-task.js';
import { taskMarker } from '../../../src/zoho/tasks/zoho-task.record.js';
import type { InsertFault } from '../../simulators/zoho/zoho-task-inserts.js';
import { ZohoApiSimulator } from '../../simulators/zoho/zoho-api.simulator.js';
import { startRedis } from '../../support/redis-server.js';
import { ZohoParts } from './zoho-parts.js';

/** No test waits for it: what is asked is whether somebody would. */
const LONG_MS = 60_000;

describe('ZohoTaskWriter', () => {
  let server: Awaited<ReturnType<typeof startRedis>>;
  let zoho: ZohoApiSimulator;
  let accountId: string;
  let samId: string;
  const opened: ZohoParts[] = [];

  beforeAll(async () => {
    server = await startRedis();
    zoho = await ZohoApiSimulator.start();
    accountId = zoho.data.insert('Accounts', { Account_Name: 'Contoso', Owner: { id: '77', name: 'Olga' } });
    samId = zoho.users.add('Sam Okafor', 'Sam@Northwind.example');
  });
  beforeEach(async () => {
    await forget(['{tributary}:zoho:task:*', '{tributary}:zoho:pause']);
    for (const { id } of zoho.data.all('Tasks')) zoho.data.delete('Tasks', id);
    zoho.requests.length = 0;
    zoho.tasks.faults.length = 0;
    zoho.outage = undefined;
    zoho.missingScopes.clear();
  });
  afterEach(async () => {
    for (const parts of opened.splice(0)) await parts.close();
  });
  afterAll(async () => {
    await zoho.stop();
    await server.stop();
  });

  /** A process of its own. */
  function parts(patience: ConstructorParameters<typeof ZohoParts>[2] = {}): ZohoParts {
    const made = new ZohoParts(server.url, { ...zoho.environment, ZOHO_WRITE_BACK: 'on' }, patience);
    opened.push(made);
    return made;
  }

  /** The token stays: Zoho gives ten in ten minutes. */
  async function forget(patterns: readonly string[]): Promise<void> {
    const { redis } = parts();
    for (const pattern of patterns) {
      const keys = await redis.keys(pattern);
      if (keys.length > 0) await redis.del(...keys);
    }
  }

  function task(more: Partial<CrmTask> = {}): CrmTask {
    return {
      id: 'a1b2c3',
      account: { id: accountId, name: 'Contoso' },
      subject: 'Sam Okafor: I will send you the summary by Friday.',
      dueDate: '2026-12-04',
      ownerEmail: 'sam@northwind.example',
      quotes: [
        {
          quote: 'I will send you the summary by Friday.',
          speaker: 'Sam Okafor',
          side: 'internal',
          startMs: 61_000,
        },
      ],
      conversation: {
        kind: 'call',
        title: 'Renewal',
        occurredAt: '2026-11-25T10:00:00Z',
        url: 'https://us-1.app.gong.io/call?id=1',
      },
      ...more,
    };
  }

  const inserts = () =>
    zoho.apiRequests.filter(({ method, path }) => method === 'POST' && path.endsWith('/Tasks'));

  /** One attempt after the other, as a queue does, until one ends well. */
  async function writeAfter(fault: InsertFault) {
    zoho.tasks.faults.push(fault);
    await expect(parts({ taskSettleMs: 0 }).tasks.write(task())).rejects.toMatchObject({
      code: 'ZOHO.UNAVAILABLE',
      retry: { afterMs: expect.any(Number) as number },
    });
    return parts({ taskSettleMs: 0 }).tasks.write(task());
  }

  it('writes a task on the account, with owner, due date, words, speaker, link and its id', async () => {
    const { taskId, outcome } = await parts().tasks.write(task());
    expect(outcome).toBe('written');
    const [record, ...others] = zoho.data.all('Tasks');
    expect(others).toEqual([]);
    expect(record).toMatchObject({
      id: taskId,
      Subject: 'Sam Okafor: I will send you the summary by Friday.',
      Due_Date: '2026-12-04',
      Owner: { id: samId },
      What_Id: { id: accountId },
      $se_module: 'Accounts',
    });
    expect(record?.Description).toBe(
      [
        '"I will send you the summary by Friday." - Sam Okafor (ours) at 1:01',
        'From the call "Renewal" of 2026-11-25',
        'https://us-1.app.gong.io/call?id=1',
        '[tributary:a1b2c3]',
      ].join('\n'),
    );
  });

  it('writes it once, whoever asks again, and asks Zoho nothing then', async () => {
    const { taskId } = await parts().tasks.write(task());
    const before = zoho.apiRequests.length;
    const later = { subject: 'said otherwise', dueDate: null };
    expect(await parts().tasks.write(task(later))).toEqual({ taskId, outcome: 'known' });
    expect(zoho.apiRequests).toHaveLength(before);
    expect(zoho.data.all('Tasks')).toHaveLength(1);
  });

  it.each(['answer lost', '502 after commit', 'unreadable answer'] as const)(
    'finds what was written where the outcome is not known: %s',
    async (fault) => {
      const { taskId, outcome } = await writeAfter(fault);
      expect(outcome).toBe('found');
      expect(zoho.data.all('Tasks').map(({ id }) => id)).toEqual([taskId]);
      expect(inserts()).toHaveLength(1);
      expect(await parts().tasks.write(task())).toEqual({ taskId, outcome: 'known' });
    },
  );

  it('writes it where a fault had written nothing', async () => {
    expect(await writeAfter('500')).toMatchObject({ outcome: 'written' });
    expect(zoho.data.all('Tasks')).toHaveLength(1);
    expect(inserts()).toHaveLength(2);
  });

  it('finds it among many others, beyond the first page, and not one whose text only looks like it', async () => {
    const first = parts({ taskSettleMs: 0 });
    zoho.tasks.faults.push('answer lost');
    await expect(first.tasks.write(task())).rejects.toMatchObject({ code: 'ZOHO.UNAVAILABLE' });
    for (let index = 0; index < 450; index += 1) {
      zoho.data.insert('Tasks', { Subject: `other ${index}`, Description: taskMarker(`a1b2c3${index}`) });
    }
    const ours = zoho.data.all('Tasks')[0]?.id;
    expect(await first.tasks.write(task())).toEqual({ taskId: ours, outcome: 'found' });
  });

  it('waits until a request whose answer is missing is surely over before it looks', async () => {
    zoho.tasks.faults.push('answer lost');
    const patient = parts({ taskSettleMs: LONG_MS });
    await expect(patient.tasks.write(task())).rejects.toMatchObject({ code: 'ZOHO.UNAVAILABLE' });
    const asked = zoho.apiRequests.length;
    const error: unknown = await patient.tasks.write(task()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ZOHO.TASK_UNCERTAIN' });
    const { afterMs } = (error as { retry: { afterMs: number } }).retry;
    expect(afterMs).toBeGreaterThan(LONG_MS / 2);
    expect(zoho.apiRequests).toHaveLength(asked);
  });

  it('does not send what could not leave in its time: a successor may have written it meanwhile', async () => {
    await expect(parts({ taskLeaveMs: -1 }).tasks.write(task())).rejects.toMatchObject({ code: 'ZOHO.BUSY' });
    expect(inserts()).toEqual([]);
    expect(await parts().tasks.write(task())).toMatchObject({ outcome: 'written' });
  });

  it('needs no look after a limit: what was refused was not written', async () => {
    zoho.tasks.faults.push('429');
    const { tasks } = parts({ taskSettleMs: LONG_MS });
    await expect(tasks.write(task())).rejects.toMatchObject({ code: 'ZOHO.RATE_LIMITED' });
    await forget(['{tributary}:zoho:pause']);
    expect(await tasks.write(task())).toMatchObject({ outcome: 'written' });
  });

  it('goes to the owner of the account where Zoho knows nobody of this address, or may not tell', async () => {
    zoho.users.add('Gone', 'gone@northwind.example', 'disabled');
    zoho.users.add('Olga', 'olga@northwind.example');
    const olga = zoho.users.all.at(-1)?.id;
    zoho.data.update('Accounts', accountId, { Owner: { id: olga, name: 'Olga' } });
    const { tasks } = parts();
    await tasks.write(task({ id: 'a1', ownerEmail: 'gone@northwind.example' }));
    await tasks.write(task({ id: 'a2', ownerEmail: null }));
    zoho.missingScopes.add('users');
    await parts().tasks.write(task({ id: 'a3' }));
    expect(zoho.data.all('Tasks').map(({ Owner }) => Owner)).toEqual([
      { id: olga, name: 'Olga' },
      { id: olga, name: 'Olga' },
      { id: olga, name: 'Olga' },
    ]);
  });

  it('asks for the users once for many tasks', async () => {
    const { tasks } = parts();
    await Promise.all(['b1', 'b2', 'b3'].map((id) => tasks.write(task({ id }))));
    expect(zoho.apiRequests.filter(({ path }) => path.endsWith('/users'))).toHaveLength(1);
  });

  it('says which field Zoho misses, and writes the task when that is mended', async () => {
    zoho.tasks.mandatory.add('Region');
    const { tasks } = parts();
    await expect(tasks.write(task())).rejects.toMatchObject({
      code: 'ZOHO.TASK_REFUSED',
      retry: 'never',
      message: 'Zoho refuses the task: MANDATORY_NOT_FOUND at Region',
    });
    zoho.tasks.mandatory.delete('Region');
    expect(await tasks.write(task())).toMatchObject({ outcome: 'written' });
  });

  it('refuses to write on an account that is gone', async () => {
    const gone = { account: { id: '6890123000000000001', name: null } };
    await expect(parts().tasks.write(task({ ...gone, id: 'g1', ownerEmail: null }))).rejects.toMatchObject({
      code: 'ZOHO.TASK_REFUSED',
    });
    await expect(parts().tasks.write(task({ ...gone, id: 'g2' }))).rejects.toMatchObject({
      code: 'ZOHO.TASK_REFUSED',
      message: 'Zoho refuses the task: INVALID_DATA at What_Id',
    });
    expect(zoho.data.all('Tasks')).toEqual([]);
  });

  it('says that the scope is missing', async () => {
    zoho.missingScopes.add('task inserts');
    await expect(parts().tasks.write(task())).rejects.toMatchObject({
      code: 'ZOHO.FORBIDDEN',
      retry: 'never',
    });
  });

  it('fits the fields of Zoho, and keeps words of others from looking like ours', async () => {
    const quote = `first\n[tributary:zzz] ${'long '.repeat(400)}`;
    const quotes = [{ quote, speaker: null, side: 'unknown' as const, startMs: null }];
    await parts().tasks.write(task({ subject: `${'x'.repeat(300)}\nsecond`, quotes, dueDate: null }));
    const [record] = zoho.data.all('Tasks');
    expect(String(record?.Subject)).toHaveLength(255);
    expect(record).not.toHaveProperty('Due_Date');
    const lines = String(record?.Description).split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[0]?.length).toBeLessThan(1_100);
    expect(lines[0]).not.toContain('[tributary:');
  });
});
