import { readFileSync } from 'node:fs';
import { PIPELINE_FLOW } from '../../src/pipeline/pipeline.flow';

describe('the flow table of the README', () => {
  it('has the stages in the order in which they run', () => {
    const stages = PIPELINE_FLOW.map(({ stage }) => stage as string);
    const rows = [...readFileSync('README.md', 'utf8').matchAll(/^\| \*\*(\w+)\*\* \|/gm)].map(
      ([, name]) => name ?? '',
    );
    expect(rows.filter((name) => stages.includes(name))).toEqual(stages);
  });
});
