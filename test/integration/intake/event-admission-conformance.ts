import type { VendorEvent } from '../../../src/contracts/event.js';
import type { EventAdmission } from '../../../src/contracts/ports/admission.port.js';

/** A way into the queue, and the queue as the test sees it. */
export interface AdmissionHouse {
  /** Another process's way into the same queue. */
  open(environment?: Record<string, string>): EventAdmission;
  /** Ids of the events that are queued. */
  queued(): Promise<string[]>;
  /** Events that are at work already: so many. */
  fill(count: number): Promise<void>;
  /** The store of the queue takes no writes. */
  breakStore(): Promise<() => Promise<void>>;
}

export const enteredEvent = (eventId: string): VendorEvent => ({
  schemaVersion: 1,
  eventId,
  changeId: `call:${eventId}`,
  vendor: 'gong',
  kind: 'call',
  objectId: eventId,
  body: '{}',
  bodyEncoding: 'utf8',
  bodySha256: 'h',
  headers: {},
  signingKeyId: 'reconciliation',
  correlationId: 'c',
  urgency: 'routine',
  receivedAt: '2026-03-04T15:40:00.000Z',
});

const DEDUPE_SECONDS = 60;
const events = (...ids: readonly string[]) => ids.map(enteredEvent);

/** What every EventAdmission has to keep; `house` gives an empty queue. */
export function describeEventAdmission(name: string, house: () => Promise<AdmissionHouse>): void {
  describe(`${name} as EventAdmission`, () => {
    let queue: AdmissionHouse;
    beforeEach(async () => {
      queue = await house();
    });

    it('has queued every event when it returns, and one that is entered again once', async () => {
      const admission = queue.open();
      await admission.admit(events('a', 'b'), DEDUPE_SECONDS);
      expect((await queue.queued()).sort()).toEqual(['a', 'b']);
      await admission.admit(events('b', 'c'), DEDUPE_SECONDS);
      await admission.admit([], DEDUPE_SECONDS);
      expect((await queue.queued()).sort()).toEqual(['a', 'b', 'c']);
    });

    it('queues an event once when two processes enter it at the same time', async () => {
      const ids = Array.from({ length: 20 }, (_, index) => `e${index}`);
      const doors = [queue.open(), queue.open()];
      await Promise.all(doors.map((door) => door.admit(events(...ids), DEDUPE_SECONDS)));
      expect((await queue.queued()).sort()).toEqual(ids.sort());
    });

    it('has room while little is at work, and none where half of the queue is used, though webhooks have', async () => {
      const admission = queue.open({ WEBHOOK_MAX_QUEUE_SIZE: '20' });
      await queue.fill(9);
      await admission.assertRoom();
      await queue.fill(1);
      await expect(admission.assertRoom()).rejects.toMatchObject({
        code: 'INTAKE.QUEUE_FULL',
        retry: { afterMs: expect.any(Number) as number },
      });
      // Whoever found room just before is not turned away in the middle.
      await admission.admit(events('a'), DEDUPE_SECONDS);
      expect(await queue.queued()).toContain('a');
    });

    it('has no room while so many are at work that webhooks would wait for a place, however long the queue may be', async () => {
      const admission = queue.open();
      await queue.fill(300);
      await expect(admission.assertRoom()).rejects.toMatchObject({ code: 'INTAKE.QUEUE_FULL' });
    });

    it('refuses where the whole queue is full', async () => {
      const admission = queue.open({ WEBHOOK_MAX_QUEUE_SIZE: '2' });
      await queue.fill(2);
      await expect(admission.assertRoom()).rejects.toMatchObject({ code: 'INTAKE.QUEUE_FULL' });
      await expect(admission.admit(events('a'), DEDUPE_SECONDS)).rejects.toMatchObject({
        code: 'INTAKE.QUEUE_FULL',
      });
      expect(await queue.queued()).not.toContain('a');
    });

    it('says so when nothing can be queued, and takes the same events afterwards', async () => {
      const admission = queue.open();
      const mend = await queue.breakStore();
      try {
        await expect(admission.admit(events('a'), DEDUPE_SECONDS)).rejects.toMatchObject({
          code: 'INTAKE.UNAVAILABLE',
        });
      } finally {
        await mend();
      }
      await admission.admit(events('a'), DEDUPE_SECONDS);
      expect(await queue.queued()).toEqual(['a']);
    });
  });
}
