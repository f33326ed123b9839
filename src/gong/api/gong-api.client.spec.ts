import type { JsonObject } from '../../contracts/json.js';
import { GongApiClient } from './gong-api.client.js';
import { GongApiError } from './gong-api.errors.js';
import type { GongApiTransport, GongRequest } from './gong-api.transport.js';

const SPAN = { from: '2026-03-04T00:00:00Z', to: '2026-03-05T00:00:00Z' };
const expired = () => new GongApiError('GONG.CURSOR_EXPIRED', 'expired', { afterMs: 1 }, '400');

/** Answers each request with what the test gives, in their order; null is Gong's empty result. */
function clientOf(...answers: (JsonObject | null | Error)[]) {
  const requests: GongRequest[] = [];
  const send = (request: GongRequest) => {
    requests.push(request);
    const answer = answers.shift() ?? null;
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return { client: new GongApiClient({ send } as unknown as GongApiTransport), requests };
}

describe('calls that Gong gives', () => {
  it('are known by ids that are exact; what names none is left out', async () => {
    const calls = [
      { metaData: { id: '81234567890123456789', title: 'a' } },
      { metaData: { id: 7, title: 'b' } },
      { metaData: { id: 8.5 } },
      { metaData: { id: 1e20 } },
      { metaData: { id: null } },
      { metaData: 'none' },
      {},
      null,
    ];
    const found = await clientOf({ calls }).client.callDetails(['1']);
    expect([...found.keys()]).toEqual(['81234567890123456789', '7']);
  });

  it('have their transcripts as far as these are there', async () => {
    const turns = [{ speakerId: 's', sentences: [] }];
    const callTranscripts = [
      { callId: '1', transcript: turns },
      { callId: '2', transcript: null },
      { callId: null, transcript: turns },
      { transcript: turns },
    ];
    const found = await clientOf({ callTranscripts }).client.callTranscripts(['1', '2']);
    expect([...found]).toEqual([['1', turns]]);
  });

  it.each([
    [{ call: { id: '1' } }, '1'],
    [{ call: { title: 'without an id' } }, undefined],
    [{ call: null }, undefined],
    [null, undefined],
  ])('are one or none: %j', async (answer, id) => {
    expect((await clientOf(answer).client.call('a/b'))?.id).toBe(id);
  });

  it('are named in an address that an id cannot leave', async () => {
    const { client, requests } = clientOf();
    await client.call('../users?x=');
    expect(requests[0]?.path).toBe('calls/..%2Fusers%3Fx%3D');
  });

  it.each([
    [{ records: { totalRecords: 1234 }, calls: [{}] }, 1234],
    [{ records: { totalRecords: 'many' }, calls: [{}, {}] }, 2],
    [{ calls: [{}] }, 1],
    [null, 0],
  ])('are counted by what Gong says, or by what it lists: %j', async (answer, count) => {
    expect(await clientOf(answer).client.callCount(SPAN)).toBe(count);
  });

  it('come page by page, the last without a cursor', async () => {
    const page = { calls: [{ id: '1' }, { title: 'none' }], records: { cursor: 'c2' } };
    const { client, requests } = clientOf(page, { calls: [], records: { cursor: '' } }, null);
    expect(await client.callPage(SPAN, null)).toMatchObject({ calls: [{ id: '1' }], nextCursor: 'c2' });
    expect((await client.callPage(SPAN, 'c2')).nextCursor).toBeNull();
    expect(await client.callPage(SPAN, null)).toEqual({ calls: [], nextCursor: null });
    expect(requests[1]?.path).toContain('cursor=c2');
  });
});

describe('a list of Gong', () => {
  const page = (id: string, cursor?: string) => ({ users: [{ id }], ...(cursor && { records: { cursor } }) });

  it('is read to its end, with the token for its first request only', async () => {
    const { client, requests } = clientOf(page('1', 'c2'), page('2'));
    const ids = (await client.usersById(['1', '2'], { hasToken: true })).map(({ id }) => id);
    expect(ids).toEqual(['1', '2']);
    expect(requests.map(({ hasToken, body }) => [hasToken, body?.cursor])).toEqual([
      [true, undefined],
      [false, 'c2'],
    ]);
  });

  it('begins again where its cursor has expired, and has nothing twice', async () => {
    const { client } = clientOf(page('1', 'c2'), expired(), page('1', 'c3'), page('2'));
    expect((await client.users()).map(({ id }) => id)).toEqual(['1', '2']);
  });

  it('gives up where it expires each time, and where the first page says so', async () => {
    const each = [1, 2, 3, 4].flatMap(() => [page('1', 'c'), expired()]);
    await expect(clientOf(...each).client.users()).rejects.toMatchObject({ code: 'GONG.CURSOR_EXPIRED' });
    await expect(clientOf(expired()).client.users()).rejects.toMatchObject({ code: 'GONG.CURSOR_EXPIRED' });
  });

  it('fails as a whole where a page fails', async () => {
    const failure = new GongApiError('GONG.UNAVAILABLE', 'gone', { afterMs: 1 }, '500');
    await expect(clientOf(page('1', 'c2'), failure).client.users()).rejects.toBe(failure);
  });

  it('of what is known about an address that Gong does not know is empty', async () => {
    expect(await clientOf(null).client.dataForEmailAddress('dana@contoso.example')).toEqual({
      ...{ emails: [], callIds: [], meetingIds: [] },
    });
  });
});
