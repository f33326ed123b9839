import { ALL_JOBS_ARE_JSON, type JobMap, type JobsNotJson } from './jobs.js';
import { QUEUE_POLICY } from './queues.js';

type Late = JobsNotJson<{ events: { late: { at: Date } } }>;

describe('the job map', () => {
  it('holds only data that survives JSON, and names a job that would not', () => {
    const named: Late = 'events/late';
    expect(named).toBe('events/late');
    expect(ALL_JOBS_ARE_JSON).toBe(true);
  });

  it('never trims the failed sets, because they are the dead letters', () => {
    const queues = Object.keys(QUEUE_POLICY) as (keyof JobMap)[];
    expect(queues.map((queue) => QUEUE_POLICY[queue].keepFailed)).toEqual(queues.map(() => true));
  });
});
