import type { JsonObject } from '../../contracts/json.js';
import {
  activityStats,
  callBasic,
  callOutcome,
  dataForAddress,
  interactionStats,
  trackerDefinition,
  user,
} from './gong-api.answers.js';

describe('what Gong answers', () => {
  it.each([
    ['callBasic', callBasic],
    ['user', user],
    ['trackerDefinition', trackerDefinition],
    ['callOutcome', callOutcome],
    ['activityStats', activityStats],
    ['interactionStats', interactionStats],
  ])('is nothing to %s without an id or a name that is a text', (_name, read) => {
    const odd: JsonObject[] = [{}, { id: null, userId: null }, { id: 7, userId: 7, name: 7, trackerId: [] }];
    expect(odd.map((item) => read(item)).flat()).toEqual([]);
  });

  it('of a call may lack everything but its id', () => {
    expect(callBasic({ id: '81234567890123456789', duration: 'long', isPrivate: 'no' })).toEqual([
      {
        ...{ id: '81234567890123456789', title: null, url: null, started: null, scheduled: null },
        ...{
          durationSeconds: null,
          direction: null,
          isPrivate: false,
          primaryUserId: null,
          workspaceId: null,
        },
      },
    ]);
  });

  it('of a private call says so', () => {
    expect(callBasic({ id: '1', isPrivate: true })).toMatchObject([{ isPrivate: true }]);
  });

  it.each([
    [{ firstName: 'Sam', lastName: 'Okafor' }, 'Sam Okafor'],
    [{ firstName: 'Sam', lastName: '' }, 'Sam'],
    [{ firstName: null, lastName: 'Okafor' }, 'Okafor'],
    [{ firstName: '', lastName: null }, null],
    [{}, null],
  ])('of a user with %j has the name %j', (names, name) => {
    expect(user({ id: 'u1', ...names })).toMatchObject([{ id: 'u1', name, isActive: true }]);
  });

  it('of a user who has left says so', () => {
    expect(user({ id: 'u1', active: false })).toMatchObject([{ isActive: false }]);
  });

  it('of a tracker has its id and name under either of their names', () => {
    const tracker = { id: 't1', name: 'Churn', affiliation: null };
    expect(trackerDefinition({ trackerId: 't1', trackerName: 'Churn' })).toEqual([tracker]);
    expect(trackerDefinition({ id: 't1', name: 'Churn' })).toEqual([tracker]);
    expect(trackerDefinition({ trackerId: 't1' })).toEqual([]);
  });

  it('of an outcome has its name under either of its names', () => {
    expect(callOutcome({ callOutcome: 'No answer', name: 'other', category: 'Negative' })).toEqual([
      { id: null, name: 'No answer', category: 'Negative', sentiment: null },
    ]);
    expect(callOutcome({ id: 'o1', name: 'Booked' })).toMatchObject([{ id: 'o1', name: 'Booked' }]);
  });

  it('of measures keeps the numbers', () => {
    const stats = { callsAsHost: 3, callsGaveFeedback: null, days: [1], note: '4' };
    const item = {
      userId: 'u1',
      userEmailAddress: 'sam@northwind.example',
      userAggregateActivityStats: stats,
    };
    expect(activityStats(item)).toEqual([
      { userId: 'u1', emailAddress: 'sam@northwind.example', stats: { callsAsHost: 3 } },
    ]);
    const list = [{ name: 'Patience', value: 0.9 }, { name: 'Talk Ratio' }, { value: 1 }, null];
    expect(interactionStats({ userId: 'u1', personInteractionStats: list })).toEqual([
      { userId: 'u1', emailAddress: null, stats: { Patience: 0.9 } },
    ]);
  });

  it('of an address names the e-mails, calls and meetings that have an id', () => {
    const emails = [
      { id: 'e1', sentTime: '2026-03-04T10:00:00Z', from: 'dana@contoso.example' },
      { from: 'x' },
    ];
    const answer = { emails, calls: [{ id: 'c1' }, {}, 'c2'], meetings: null };
    expect(dataForAddress(answer)).toEqual({
      emails: [{ id: 'e1', sentAt: '2026-03-04T10:00:00Z', from: 'dana@contoso.example' }],
      callIds: ['c1'],
      meetingIds: [],
    });
  });
});
