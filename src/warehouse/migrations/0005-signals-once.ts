import { FROM_CHANGES, FROM_CONVERSATIONS } from './0004-account-insights.js';
import type { Migration } from './migration.js';

/** A recorded web meeting is a row among the calls and one among the meetings; what was said in it counts once. */
export const SIGNALS_ONCE: Migration = {
  version: '0005',
  name: 'signals-once',
  tables: [],
  views: [
    {
      name: 'ACCOUNT_SIGNALS',
      select:
        FROM_CONVERSATIONS.replace(
          ' WHERE ',
          ' LEFT JOIN GONG_CALLS_ENHANCED AS k ON k.CALL_ID = i.CONVERSATION_ID AND k.TENANT = i.TENANT ' +
            "AND i.CONVERSATION_KIND = 'meeting' WHERE k.CALL_ID IS NULL AND ",
        ) + ` UNION ALL ${FROM_CHANGES}`,
    },
  ],
};
