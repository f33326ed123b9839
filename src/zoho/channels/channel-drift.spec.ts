import { driftOf } from './channel-drift.js';

const AT = '2026-03-10T10:00:00.000Z';
const OURS = {
  isEnabled: true,
  expiresAt: AT,
  events: ['Deals.create', 'Deals.edit'],
  notifyUrl: 'https://x.example',
};
const THEIRS = {
  id: '1',
  expiresAt: AT,
  events: ['Deals.edit', 'Deals.create'],
  notifyUrl: 'https://x.example',
};

describe('how a channel differs from what Zoho has of it', () => {
  it.each([
    ['not at all, whatever the order of its events', OURS, THEIRS, []],
    [
      'not by a second, to which Zoho tells its times',
      OURS,
      { ...THEIRS, expiresAt: '2026-03-10T10:00:01Z' },
      [],
    ],
    ['not where it is off and gone', { ...OURS, isEnabled: false }, undefined, []],
    ['by being there although it is off', { ...OURS, isEnabled: false }, THEIRS, ['still_at_zoho']],
    ['by not being there', OURS, undefined, ['missing_at_zoho']],
    ['by its end', OURS, { ...THEIRS, expiresAt: '2026-03-10T11:00:00Z' }, ['expiry_differs']],
    ['by an end that Zoho does not say', OURS, { ...THEIRS, expiresAt: null }, ['expiry_differs']],
    ['not by an end that nobody knows', { ...OURS, expiresAt: null }, { ...THEIRS, expiresAt: null }, []],
    ['by its events', OURS, { ...THEIRS, events: ['Deals.edit'] }, ['events_differ']],
    ['by its address', OURS, { ...THEIRS, notifyUrl: 'https://old.example' }, ['address_differs']],
    [
      'in everything',
      OURS,
      { ...THEIRS, expiresAt: null, events: [], notifyUrl: null },
      ['expiry_differs', 'events_differ', 'address_differs'],
    ],
  ])('%s', (_how, ours, theirs, drift) => {
    expect(driftOf(ours, theirs)).toEqual(drift);
  });
});
