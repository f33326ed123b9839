import type { AccountSyncStatus } from '../contracts/ports/account-sync-status.port.js';
import { apiDoc, checkedClass, json } from '../openapi/documented.decorator.js';
import { anything, count, flag, listOf, nullable, objectOf, oneOf, text, time } from '../openapi/schema.js';
import type { AccountDetail, AccountMemory } from './account-view.js';
import { PageQuery } from './page.query.js';
import { PAGE_FIELDS } from './query-fields.openapi.js';

const SYNC = objectOf<AccountSyncStatus>({
  state: oneOf(['never', 'idle', 'waiting', 'running', 'failed'], 'How its syncs stand.'),
  waitingEvents: count('Events that no sync has ended for.'),
  lastSyncedAt: nullable(time('When the last sync ended well.')),
  lastFailure: nullable(
    objectOf<NonNullable<AccountSyncStatus['lastFailure']>>({
      code: text('Stable.'),
      message: text('In words.'),
      at: time('When.'),
    }),
  ),
});

const MEMORY = objectOf<AccountMemory>({
  isRead: flag('False where the memory did not answer; then the rest says nothing.'),
  isRemembered: flag('Whether the memory has it.'),
  rememberedAt: nullable(time('Since when.')),
  isRecallable: flag('False while the memory is still taking it in.'),
  text: nullable(text('The document as agents recall it.')),
});

export const ACCOUNTS_API = apiDoc({
  tag: { name: 'Accounts', description: 'What is known of an account of the CRM.' },
  path: { id: text('Id of an account at Zoho.', { examples: ['6890123000000451007'] }) },
  routes: {
    one: {
      summary: 'One account with its conversations, syncs and memory',
      description: 'The cursor is about its conversations.',
      query: checkedClass(PageQuery, PAGE_FIELDS),
      answers: {
        200: json(
          'All that is known.',
          objectOf<AccountDetail>({
            id: text('Of the account.'),
            name: nullable(text('Its name.')),
            snapshot: { type: ['object', 'null'], description: 'The latest; null where none was taken.' },
            conversations: objectOf<AccountDetail['conversations']>({
              items: listOf(anything('A call, e-mail or meeting with its insights.'), 'The newest first.'),
              nextCursor: nullable(text('For the next, older page.')),
            }),
            sync: SYNC,
            memory: MEMORY,
          }),
        ),
      },
      errors: ['REQUEST.NOT_FOUND', 'REQUEST.INVALID_CURSOR', 'WAREHOUSE.UNAVAILABLE'],
    },
  },
});
