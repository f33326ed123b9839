import { Inject, Injectable } from '@nestjs/common';
import { InjectPinoLogger, PinoLogger } from 'nestjs-pino';
import { toAppError } from '../contracts/errors.js';
import {
  type AccountConversation,
  AccountReader,
  type ConversationPage,
  type StoredAccount,
} from '../contracts/ports/account-reader.port.js';
import { type AccountSyncStatus, AccountSyncStatuses } from '../contracts/ports/account-sync-status.port.js';
import { Memory } from '../contracts/ports/memory.port.js';
import { vendorLink } from '../contracts/vendor-link.js';

/** What the memory has of an account, or why that is not known. */
export interface AccountMemory {
  /** False where the memory did not answer; then the rest says nothing. */
  readonly isRead: boolean;
  readonly isRemembered: boolean;
  readonly rememberedAt: string | null;
  /** False while the memory is still taking it in. */
  readonly isRecallable: boolean;
  /** The document as agents recall it, with the activities and notes that no table has. */
  readonly text: string | null;
}

/** One account with its calls and signals. */
export interface AccountDetail {
  readonly id: string;
  readonly name: string | null;
  /** The latest snapshot; null where none was taken (yet). */
  readonly snapshot: StoredAccount | null;
  readonly conversations: {
    /** Newest first. */
    readonly items: readonly (AccountConversation & { readonly event: string })[];
    readonly nextCursor: string | null;
  };
  readonly sync: AccountSyncStatus;
  readonly memory: AccountMemory;
}

const NOT_READ: AccountMemory = {
  ...{ isRead: false, isRemembered: false, rememberedAt: null },
  ...{ isRecallable: false, text: null },
};
const NOT_REMEMBERED: AccountMemory = { ...NOT_READ, isRead: true };

/** All that is known of one account of the CRM, wherever it is. */
@Injectable()
export class AccountView {
  constructor(
    @Inject(AccountReader) private readonly reader: AccountReader,
    @Inject(AccountSyncStatuses) private readonly syncs: AccountSyncStatuses,
    @Inject(Memory) private readonly memory: Memory,
    @InjectPinoLogger(AccountView.name) private readonly logger: PinoLogger,
  ) {}

  /**
   * Undefined where nobody knows the account.
   * @throws AppError `WAREHOUSE.*` where the warehouse does not answer: without it there is nothing to show.
   */
  async of(id: string, limit: number, cursor?: string): Promise<AccountDetail | undefined> {
    const [snapshot, page, sync, memory] = await Promise.all([
      this.reader.account(id),
      this.reader.conversations(id, limit, cursor),
      this.syncs.of(id),
      this.remembered(id),
    ]);
    const isKnown = snapshot !== undefined || sync.state !== 'never' || memory.isRemembered;
    if (!isKnown && page.conversations.length === 0) return undefined;
    return {
      ...{ id, name: snapshot?.name ?? null, snapshot: snapshot ?? null },
      ...{ conversations: shown(page), sync, memory },
    };
  }

  private async remembered(id: string): Promise<AccountMemory> {
    try {
      const document = await this.memory.find(id);
      if (document === undefined) return NOT_REMEMBERED;
      const { rememberedAt, isRecallable, text } = document;
      return { isRead: true, isRemembered: true, rememberedAt, isRecallable, text };
    } catch (thrown) {
      const { code, message } = toAppError(thrown);
      this.logger.warn({ code, reason: message }, 'admin.memory_not_read');
      return NOT_READ;
    }
  }
}

function shown({ conversations, nextCursor }: ConversationPage): AccountDetail['conversations'] {
  const items = conversations.map((conversation) => ({
    ...conversation,
    url: vendorLink('gong', conversation.url),
    event: `/admin/events/${conversation.sourceEventId}`,
  }));
  return { items, nextCursor };
}
