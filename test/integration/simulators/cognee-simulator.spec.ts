import { waitFor } from '../../support/wait-for.js';
import {
  COGNEE_USER,
  CogneeSimulator,
  type CogneeSimulatorOptions,
} from '../../simulators/cognee/cognee-simulator.js';

describe(CogneeSimulator.name, () => {
  let cognee: CogneeSimulator;
  let apiKey: string;
  const open = async (options: CogneeSimulatorOptions = {}) => {
    cognee = await CogneeSimulator.start(options);
    apiKey = cognee.newApiKey();
  };
  afterEach(() => cognee.stop());

  async function call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = { 'x-api-key': apiKey },
  ) {
    const isForm = body instanceof FormData || body instanceof URLSearchParams;
    const response = await fetch(`${cognee.url}/api/v1${path}`, {
      method,
      headers: { ...headers, ...(!isForm && body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }
  function file(text: string, name = 'note.txt'): FormData {
    const form = new FormData();
    form.append('data', new Blob([text], { type: 'text/plain' }), name);
    form.append('datasetName', 'set');
    form.append('node_set', 'account:1');
    return form;
  }
  const cognified = async (datasetId: string) => {
    await call('POST', '/cognify', { datasets: ['set'], runInBackground: true });
    await waitFor('the run', async () => {
      const { body } = await call('GET', `/datasets/status?dataset=${datasetId}`);
      return body[datasetId] === 'DATASET_PROCESSING_COMPLETED';
    });
  };
  const search = (query: string) =>
    call('POST', '/search', { searchType: 'CHUNKS', query, datasets: ['set'], topK: 5 });

  it('lets in by login form or API key, and nobody else', async () => {
    await open();
    expect(await call('GET', '/datasets/status', undefined, {})).toEqual({
      status: 401,
      body: { detail: 'Unauthorized' },
    });
    expect((await call('GET', '/datasets/status')).status).toBe(200);
    const login = await call('POST', '/auth/login', new URLSearchParams(COGNEE_USER), {});
    expect(login).toMatchObject({ status: 200, body: { token_type: 'bearer' } });
    const bearer = { authorization: `Bearer ${String(login.body.access_token)}` };
    expect((await call('GET', '/datasets/status', undefined, bearer)).status).toBe(200);
    cognee.expireTokens();
    expect((await call('GET', '/datasets/status', undefined, bearer)).status).toBe(401);
    const wrong = new URLSearchParams({ ...COGNEE_USER, password: 'wrong' });
    expect(await call('POST', '/auth/login', wrong, {})).toEqual({
      status: 400,
      body: { detail: 'LOGIN_BAD_CREDENTIALS' },
    });
  });

  it('takes files only, and says with 400 what is not valid', async () => {
    await open();
    const text = new FormData();
    text.append('data', 'a text field');
    text.append('datasetName', 'set');
    expect(await call('POST', '/add', text)).toMatchObject({
      status: 400,
      body: { detail: [{ msg: expect.any(String) as string }] },
    });
    const homeless = file('x');
    homeless.delete('datasetName');
    expect(await call('POST', '/add', homeless)).toMatchObject({
      status: 400,
      body: { error: expect.any(String) as string },
    });
    expect((await call('POST', '/cognify', {})).status).toBe(400);
    expect((await call('POST', '/datasets', { name: 'with space' })).status).toBe(418);
  });

  it('knows equal bytes again by their data id, and gives changed bytes a new one', async () => {
    await open();
    const added = async (text: string) => {
      const { body } = await call('POST', '/add', file(text));
      const [info] = body.data_ingestion_info as { data_id: string; run_info: { status: string } }[];
      return { id: info?.data_id, status: info?.run_info.status };
    };
    const first = await added('one');
    expect(first.status).toBe('PipelineRunCompleted');
    expect(await added('one')).toEqual({ id: first.id, status: 'PipelineRunAlreadyCompleted' });
    expect((await added('two')).id).not.toBe(first.id);
    expect(cognee.documents('set')).toHaveLength(2);
  });

  it('finds what was added and processed, nothing before, and nothing that was deleted', async () => {
    await open();
    expect((await search('frustrated')).status).toBe(404);
    const { body } = await call('POST', '/add', file('They are frustrated.'));
    expect((await search('frustrated')).status).toBe(422);
    const datasetId = String(body.dataset_id);
    await cognified(datasetId);
    await call('POST', '/add', file('They are frustrated too.', 'later.txt'));
    expect((await search('unhappy')).body).toMatchObject([
      {
        search_result: [{ text: 'They are frustrated.', belongs_to_set: ['account:1'], score: 0 }],
        dataset_id: datasetId,
        dataset_name: 'set',
      },
    ]);
    const [{ id } = { id: '' }] = cognee.documents('set');
    const path = `/datasets/${datasetId}/data/${id}`;
    expect(await call('DELETE', path)).toEqual({ status: 200, body: null });
    expect(await call('DELETE', path)).toEqual({ status: 200, body: null });
    expect((await search('unhappy')).body).toMatchObject([{ search_result: [] }]);
  });

  it('answers as an old server does: ids of the content, a bare list, 409', async () => {
    await open({ isOld: true, accessControl: false });
    expect((await search('words')).status).toBe(409);
    const first = (await call('POST', '/add', file('one'))).body;
    cognee.wipe();
    const again = (await call('POST', '/add', file('one'))).body;
    const idOf = (body: Record<string, unknown>) =>
      (body.data_ingestion_info as { data_id: string }[])[0]?.data_id;
    expect(idOf(again)).toBe(idOf(first));
    const datasetId = String(again.dataset_id);
    await call('POST', '/cognify', { datasets: ['set'] });
    await waitFor('the run', async () => {
      return (await call('GET', `/datasets/status?dataset=${datasetId}`)).body[datasetId] === 'completed';
    });
    expect((await search('one')).body).toMatchObject([{ text: 'one', chunk_index: 0 }]);
  });

  it('does what it is told to go wrong with, once', async () => {
    await open();
    cognee.loseAnswer('POST /api/v1/add');
    await expect(call('POST', '/add', file('lost'))).rejects.toThrow();
    expect(cognee.documents('set')).toHaveLength(1);
    cognee.answerNext('POST /api/v1/add', { status: 402, body: { error: 'Token budget exhausted' } });
    expect((await call('POST', '/add', file('spent'))).status).toBe(402);
    expect((await call('POST', '/add', file('fine'))).status).toBe(200);
    cognee.isDown = true;
    await expect(call('POST', '/add', file('down'))).rejects.toThrow();
    expect(cognee.documents('set')).toHaveLength(2);
  });
});
