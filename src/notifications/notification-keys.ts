import { createHash } from 'node:crypto';
import type { AnyChannelName, PriorityChannelName } from '../contracts/notification.js';
import type { Priority } from '../contracts/insight.js';

/** Names of channels and keys. The keys share a hash tag, so that one script may touch them in a cluster. */
export class NotificationKeys {
  constructor(private readonly prefix: string) {}

  channel(name: AnyChannelName): string {
    return `${this.prefix}:${name}`;
  }

  stream(name: AnyChannelName): string {
    return `{${this.prefix}}:${name}:log`;
  }

  message(id: string): string {
    return `{${this.prefix}}:notification:${id}`;
  }

  /** What agents were told of one change. */
  told(changeId: string): string {
    return `{${this.prefix}}:told:${shortHash(changeId, 32)}`;
  }

  /** Messages that wait to be handed to the alert queues. */
  get alertOutbox(): string {
    return `{${this.prefix}}:alerts:outbox`;
  }
}

/** The channel that carries urgent messages of this priority again. */
export function priorityChannel(priority: Priority): PriorityChannelName | undefined {
  switch (priority) {
    case 'urgent':
      return 'gong:priority:urgent';
    case 'high':
      return 'gong:priority:high';
    case 'medium':
    case 'low':
      return undefined;
  }
}

export function shortHash(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}
