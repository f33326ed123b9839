import { addedData, cognifyState, datasetState, namedItems, searchHits } from './cognee-answers.js';

describe('addedData', () => {
  it('reads the data id of a new file and of one that was there already', () => {
    for (const status of ['PipelineRunCompleted', 'PipelineRunAlreadyCompleted']) {
      const info = { run_info: { status }, data_id: 'data' };
      const body = { status: 'PipelineRunCompleted', dataset_id: 'set', data_ingestion_info: [info] };
      expect(addedData(body)).toEqual({ datasetId: 'set', dataId: 'data', hasFailed: false });
    }
  });

  it('sees a failure of the run and of the file', () => {
    expect(addedData({ status: 'PipelineRunErrored' }).hasFailed).toBe(true);
    const info = { run_info: { status: 'PipelineRunErrored' }, data_id: null };
    expect(addedData({ status: 'PipelineRunCompleted', data_ingestion_info: [info] }).hasFailed).toBe(true);
  });

  it.each([null, undefined, 'text', [], { data_ingestion_info: 'x' }, { data_ingestion_info: [] }])(
    'makes nothing up of %j',
    (body) => {
      expect(addedData(body)).toEqual({ datasetId: null, dataId: null, hasFailed: false });
    },
  );
});

describe('the state of the graph', () => {
  it.each([
    ['PipelineRunStarted', 'running'],
    ['PipelineRunYield', 'running'],
    ['PipelineRunCompleted', 'completed'],
    ['PipelineRunAlreadyCompleted', 'completed'],
    ['PipelineRunErrored', 'failed'],
  ])('after cognify is, for %s, %s', (status, state) => {
    expect(cognifyState({ set: { status } })).toBe(state);
  });

  it('is not complete before every dataset is, nor without any', () => {
    expect(cognifyState({ a: { status: 'PipelineRunCompleted' }, b: { status: 'PipelineRunStarted' } })).toBe(
      'running',
    );
    expect(cognifyState({})).toBe('running');
  });

  it.each([
    ['DATASET_PROCESSING_INITIATED', 'running'],
    ['DATASET_PROCESSING_STARTED', 'running'],
    ['DATASET_PROCESSING_COMPLETED', 'completed'],
    ['DATASET_PROCESSING_ERRORED', 'failed'],
    ['pending', 'running'],
    ['completed', 'completed'],
    ['failed', 'failed'],
    [
      { add_pipeline: 'DATASET_PROCESSING_COMPLETED', cognify_pipeline: 'DATASET_PROCESSING_STARTED' },
      'running',
    ],
    [undefined, 'running'],
  ])('of a dataset is, for %j, %s', (status, state) => {
    expect(datasetState({ set: status, other: 'DATASET_PROCESSING_ERRORED' }, 'set')).toBe(state);
  });
});

describe('searchHits', () => {
  const chunk = {
    id: 'x',
    text: 'words',
    chunk_index: 0,
    belongs_to_set: ['account:1', 'zoho'],
    score: 0.25,
  };
  const hit = { text: 'words', nodeSets: ['account:1', 'zoho'], distance: 0.25 };

  it('reads chunks with and without access control', () => {
    expect(searchHits([{ search_result: [chunk], dataset_id: 'set', dataset_name: 'name' }])).toEqual([hit]);
    expect(searchHits([chunk])).toEqual([hit]);
  });

  it('reads chunks of servers that say less', () => {
    expect(searchHits([{ text: 'words' }])).toEqual([{ text: 'words', nodeSets: [], distance: null }]);
    expect(searchHits([{ ...chunk, belongs_to_set: [{ name: 'account:1' }, 'zoho'] }])).toEqual([hit]);
  });

  it('reads answers in words', () => {
    const said = [{ text: 'They are late.', nodeSets: [], distance: null }];
    expect(searchHits([{ search_result: ['They are late.'], dataset_id: 'set' }])).toEqual(said);
    expect(searchHits(['They are late.', ' '])).toEqual(said);
  });

  it.each([null, {}, [], [null], [{ search_result: null }], 7])('finds nothing in %j', (body) => {
    expect(searchHits(body)).toEqual([]);
  });
});

describe('namedItems', () => {
  it('takes what has an id and a name', () => {
    expect(namedItems([{ id: '1', name: 'one', createdAt: 'x' }, { id: 2, name: 'two' }, null])).toEqual([
      { id: '1', name: 'one' },
    ]);
    expect(namedItems({ detail: 'no list' })).toEqual([]);
  });
});
