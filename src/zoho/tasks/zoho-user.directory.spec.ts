import type { PinoLogger } from 'nestjs-pino';
import { AppError } from '../../contracts/errors.js';
import type { Json } from '../../contracts/json.js';
import type { ZohoApiClient, ZohoRequest } from '../api/zoho-api.client.js';
import { ZohoUserDirectory } from './zoho-user.directory.js';

/** Answers each request with what the test gives, in their order; an AppError is thrown. */
function directoryOf(...answers: (Json | AppError)[]) {
  const pages: (string | undefined)[] = [];
  const send = (_slots: number, build: () => ZohoRequest) => {
    pages.push(build().query?.page);
    const body = answers.shift() ?? null;
    return body instanceof AppError ? Promise.reject(body) : Promise.resolve({ status: 200, body });
  };
  const warnings: object[] = [];
  const logger = { warn: (fields: object) => warnings.push(fields) } as unknown as PinoLogger;
  return { directory: new ZohoUserDirectory({ send } as unknown as ZohoApiClient, logger), pages, warnings };
}

const SAM = { id: '7', email: ' Sam@Northwind.example ' };

describe('the users of Zoho', () => {
  it('are known by their address in any spelling, and asked for once', async () => {
    const more = { users: [{ id: '8', email: 'ann@northwind.example' }], info: { more_records: true } };
    const { directory, pages } = directoryOf(more, { users: [SAM] });
    const ids = [
      await directory.idOf('SAM@northwind.example'),
      await directory.idOf('kim@northwind.example'),
    ];
    expect([ids, pages]).toEqual([
      ['7', null],
      ['1', '2'],
    ]);
  });

  it.each([
    [null],
    [[]],
    [{ users: 'all' }],
    [{ users: [null, { id: 'x' }, { id: '9' }, { email: 'a@b.c' }] }],
  ] as Json[][])('are nobody in %j', async (body) => {
    expect(await directoryOf(body ?? null).directory.idOf('a@b.c')).toBeNull();
  });

  it('are nobody without the scope to see them, which is said', async () => {
    const { directory, warnings } = directoryOf(new AppError('ZOHO.FORBIDDEN', 'no scope'));
    expect(await directory.idOf(SAM.email)).toBeNull();
    expect(warnings).toEqual([{ reason: 'no scope' }]);
  });

  it('are asked for again after a limit, for nobody may take it for an answer', async () => {
    const limit = new AppError('ZOHO.RATE_LIMITED', 'wait', { afterMs: 1 });
    const { directory } = directoryOf(limit, { users: [SAM] });
    await expect(directory.idOf('sam@northwind.example')).rejects.toBe(limit);
    expect(await directory.idOf('sam@northwind.example')).toBe('7');
  });
});
