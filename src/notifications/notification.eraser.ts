import { Inject, Injectable } from '@nestjs/common';
import { Queue } from 'bullmq';
import { AppConfig } from '../config/app-config.js';
import { ALERT_QUEUES, type AlertJob, type AlertQueueName } from '../contracts/jobs.js';
import { ALL_CHANNELS, type Notification } from '../contracts/notification.js';
import {
  ErasesPersons,
  type PersonEraser,
  type PersonToErase,
} from '../contracts/ports/person-eraser.port.js';
import { InjectQueue } from '../redis/inject-queue.js';
import { keysFrom } from '../redis/key-scan.js';
import { QueueJobs, type StoredJob } from '../redis/queue-jobs.js';
import { RedisClient } from '../redis/redis-client.js';
import { NotificationKeys } from './notification-keys.js';

const ENTRIES_AT_ONCE = 500;
const QUEUES = Object.values(ALERT_QUEUES);

/**
 * Forgets a person in what agents were told, and in the alerts that have not left yet. What is known to have been told
 * (hashes only) stays, so that nothing of it is told again.
 */
@Injectable()
@ErasesPersons('notifications')
export class NotificationEraser implements PersonEraser {
  private readonly keys: NotificationKeys;
  private readonly queues: Readonly<Record<AlertQueueName, Queue<AlertJob>>>;

  constructor(
    @Inject(RedisClient) private readonly redis: RedisClient,
    private readonly jobs: QueueJobs,
    @InjectQueue(ALERT_QUEUES.slack) slack: Queue<AlertJob>,
    @InjectQueue(ALERT_QUEUES.smtp) smtp: Queue<AlertJob>,
    @InjectQueue(ALERT_QUEUES.webhook) webhook: Queue<AlertJob>,
    config: AppConfig,
  ) {
    this.keys = new NotificationKeys(config.NOTIFICATION_PREFIX);
    this.queues = {
      [ALERT_QUEUES.slack]: slack,
      [ALERT_QUEUES.smtp]: smtp,
      [ALERT_QUEUES.webhook]: webhook,
    };
  }

  /** In the order of their way: what moves on meanwhile is met again. */
  async erasePerson(person: PersonToErase): Promise<Record<string, number>> {
    const waitingAlerts = await this.eraseEntries(this.keys.alertOutbox, person);
    const alerts = await this.eraseAlerts(person);
    let entries = 0;
    for (const channel of ALL_CHANNELS) entries += await this.eraseEntries(this.keys.stream(channel), person);
    return { waitingAlerts, alerts, entries, messages: await this.eraseMessages(person) };
  }

  private async eraseEntries(stream: string, person: PersonToErase): Promise<number> {
    let erased = 0;
    for (let from = '-'; ;) {
      const entries = await this.redis.xrange(stream, from, '+', 'COUNT', ENTRIES_AT_ONCE);
      const ids = entries
        .filter(([, fields]) => fields.some((text) => isAbout(text, person)))
        .map(([id]) => id);
      if (ids.length > 0) erased += await this.redis.xdel(stream, ...ids);
      const last = entries.at(-1);
      if (last === undefined || entries.length < ENTRIES_AT_ONCE) return erased;
      from = `(${last[0]}`;
    }
  }

  private async eraseMessages(person: PersonToErase): Promise<number> {
    let erased = 0;
    for await (const keys of keysFrom(this.redis, this.keys.message(''), 'string')) {
      const texts = await this.redis.mget(keys);
      const hers = keys.filter((_key, place) => isAbout(texts[place] ?? '', person));
      if (hers.length > 0) erased += await this.redis.del(...hers);
    }
    return erased;
  }

  /** One that is being sent is waited for: it is gone then, or lies there to be removed. */
  private async eraseAlerts(person: PersonToErase): Promise<number> {
    let erased = 0;
    for (;;) {
      const found = await this.sweepAlerts(person);
      erased += found.removed;
      if (found.inHand === 0) return erased;
      await this.jobs.untilPutDown(QUEUES);
    }
  }

  private async sweepAlerts(person: PersonToErase): Promise<{ removed: number; inHand: number }> {
    let [removed, inHand] = [0, 0];
    for (const queue of QUEUES) {
      for await (const stored of this.jobs.of(queue)) {
        if (!isAlertAbout(stored, person)) continue;
        if (await this.remove(queue, stored.id)) removed += 1;
        else inHand += 1;
      }
    }
    return { removed, inHand };
  }

  private async remove(queue: AlertQueueName, id: string): Promise<boolean> {
    return (await this.queues[queue].remove(id)) === 1;
  }
}

function isAlertAbout({ data }: StoredJob, person: PersonToErase): boolean {
  const { notification } = JSON.parse(data) as Partial<AlertJob>;
  return person.isNamedIn(data) || isAbout(JSON.stringify(notification ?? null), person);
}

/** @param text a message in JSON; other texts are about nobody. */
function isAbout(text: string, person: PersonToErase): boolean {
  if (person.isNamedIn(text)) return true;
  if (!text.startsWith('{')) return false;
  const { subject } = JSON.parse(text) as Partial<Notification>;
  if (!subject) return false;
  return subject.type !== 'account' && person.traces.has(`${subject.type}:${subject.id}`);
}
