import type { Migration, ViewSql } from './migration.js';
import { insightColumns } from './0002-views-for-people.js';

const SIGNAL_COLUMNS =
  'INSIGHT_ID, INSIGHT_KIND, SUBJECT, LABEL, STANCE, SCORE, INSIGHT_SOURCE, QUOTE, SPEAKER, SPEAKER_SIDE';

/** One row for each insight from a change of an account; the snapshot that shows the change is its source. */
function accountInsights(sql: ViewSql): string {
  return (
    'SELECT c.TENANT, c.SNAPSHOT_ID, c.ACCOUNT_ID, c.ACCOUNT_NAME, c.OWNER_ID, c.INDUSTRY, ' +
    `c.MODIFIED_AT AS OCCURRED_AT, c.PRIORITY, ${insightColumns(sql, 'f.value')} ` +
    `FROM ZOHO_ACCOUNT_SNAPSHOTS AS c, ${sql.elements('c.INSIGHTS', 'f')}`
  );
}

/** The insights of conversations that have an account. */
export const FROM_CONVERSATIONS =
  'SELECT i.ACCOUNT_ID, a.ACCOUNT_NAME, a.OWNER_ID AS ACCOUNT_OWNER_ID, a.INDUSTRY AS ACCOUNT_INDUSTRY, ' +
  'i.CONVERSATION_KIND, i.CONVERSATION_ID, i.TITLE, i.URL, i.OCCURRED_AT, i.PRIORITY, ' +
  `${SIGNAL_COLUMNS.replaceAll(/\w+/g, 'i.$&')}, i.TENANT ` +
  'FROM CONVERSATION_INSIGHTS AS i LEFT JOIN ZOHO_ACCOUNTS_CURRENT AS a ' +
  'ON a.ACCOUNT_ID = i.ACCOUNT_ID AND a.TENANT = i.TENANT WHERE i.ACCOUNT_ID IS NOT NULL';

/** The insights of an account's own changes. */
export const FROM_CHANGES =
  'SELECT ACCOUNT_ID, ACCOUNT_NAME, OWNER_ID AS ACCOUNT_OWNER_ID, INDUSTRY AS ACCOUNT_INDUSTRY, ' +
  "'account' AS CONVERSATION_KIND, SNAPSHOT_ID AS CONVERSATION_ID, ACCOUNT_NAME AS TITLE, " +
  'CAST(NULL AS VARCHAR) AS URL, OCCURRED_AT, PRIORITY, ' +
  `${SIGNAL_COLUMNS}, TENANT FROM ACCOUNT_INSIGHTS`;

/** Snapshots say what the change that led to them means; the signals of an account hold that too. */
export const ACCOUNT_INSIGHTS: Migration = {
  version: '0004',
  name: 'account-insights',
  tables: [],
  added: [
    {
      table: 'ZOHO_ACCOUNT_SNAPSHOTS',
      columns: [
        { name: 'PRIORITY', kind: 'id' },
        { name: 'PRIORITY_REASONS', kind: 'json' },
        { name: 'INSIGHTS', kind: 'json' },
      ],
    },
  ],
  views: [
    // A view of all columns knows those that were there when it was made.
    {
      name: 'ZOHO_ACCOUNTS_CURRENT',
      select:
        'SELECT * FROM ZOHO_ACCOUNT_SNAPSHOTS QUALIFY ROW_NUMBER() OVER ' +
        '(PARTITION BY ACCOUNT_ID ORDER BY ROW_VERSION DESC, LOADED_AT DESC) = 1',
    },
    { name: 'ACCOUNT_INSIGHTS', select: accountInsights },
    { name: 'ACCOUNT_SIGNALS', select: `${FROM_CONVERSATIONS} UNION ALL ${FROM_CHANGES}` },
  ],
};
