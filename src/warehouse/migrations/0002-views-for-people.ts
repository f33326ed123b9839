import type { Migration, ViewSql } from './migration.js';

/** The columns of one insight; `value` is the insight in JSON. */
export function insightColumns({ textAt, numberAt, jsonAt }: ViewSql, value: string): string {
  return [
    `${textAt(value, 'id')} AS INSIGHT_ID`,
    `${textAt(value, 'kind')} AS INSIGHT_KIND`,
    `${textAt(value, 'subject')} AS SUBJECT`,
    `${textAt(value, 'label')} AS LABEL`,
    `${textAt(value, 'stance')} AS STANCE`,
    `${numberAt(value, 'score')} AS SCORE`,
    `${textAt(value, 'source')} AS INSIGHT_SOURCE`,
    `${textAt(value, 'ruleset')} AS RULESET`,
    `${textAt(value, 'evidence[0].quote')} AS QUOTE`,
    `${textAt(value, 'evidence[0].speaker')} AS SPEAKER`,
    `${textAt(value, 'evidence[0].side')} AS SPEAKER_SIDE`,
    `${jsonAt(value, 'evidence')} AS EVIDENCE`,
    `${textAt(value, 'owner')} AS ACTION_OWNER`,
    `${textAt(value, 'due')} AS ACTION_DUE`,
  ].join(', ');
}

interface Conversations {
  readonly table: string;
  readonly kind: string;
  readonly id: string;
  readonly title: string;
  readonly url: string;
  readonly time: string;
}

const CONVERSATIONS: readonly Conversations[] = [
  {
    table: 'GONG_CALLS_ENHANCED',
    kind: 'call',
    id: 'CALL_ID',
    title: 'c.TITLE',
    url: 'c.URL',
    time: 'STARTED_AT',
  },
  {
    table: 'GONG_EMAILS_ENHANCED',
    kind: 'email',
    id: 'EMAIL_ID',
    title: 'c.SUBJECT',
    url: 'CAST(NULL AS VARCHAR)',
    time: 'SENT_AT',
  },
  {
    table: 'GONG_MEETINGS_ENHANCED',
    kind: 'meeting',
    id: 'MEETING_ID',
    title: 'c.TITLE',
    url: 'c.URL',
    time: 'STARTS_AT',
  },
];

function insightsOf(sql: ViewSql, { table, kind, id, title, url, time }: Conversations): string {
  return (
    `SELECT c.TENANT, '${kind}' AS CONVERSATION_KIND, c.${id} AS CONVERSATION_ID, ${title} AS TITLE, ${url} AS URL, ` +
    `c.${time} AS OCCURRED_AT, c.ACCOUNT_ID, c.DEAL_ID, c.PRIORITY, ${insightColumns(sql, 'f.value')} ` +
    `FROM ${table} AS c, ${sql.elements('c.INSIGHTS', 'f')}`
  );
}

/** Both raw tables in one form. One event of the CRM is one record. */
function webhookEvents({ textAt }: ViewSql): string {
  return (
    'SELECT EVENT_ID, TENANT, SOURCE AS VENDOR, EVENT_TYPE AS KIND, OBJECT_ID, CAST(NULL AS VARCHAR) AS CHANNEL_ID, ' +
    'CAST(NULL AS VARCHAR) AS MODULE, CAST(NULL AS VARCHAR) AS OPERATION, SIGNING_KEY_ID, REQUEST_ID, ' +
    'RECEIVED_AT, LOADED_AT FROM GONG_WEBHOOKS_RAW UNION ALL ' +
    `SELECT EVENT_ID, TENANT, 'zoho' AS VENDOR, 'record' AS KIND, ${textAt('RECORD_IDS', '[0]')} AS OBJECT_ID, ` +
    'CHANNEL_ID, MODULE, OPERATION, SIGNING_KEY_ID, REQUEST_ID, RECEIVED_AT, LOADED_AT FROM ZOHO_EVENTS_RAW'
  );
}

const percentile = (share: number, expression: string) =>
  `PERCENTILE_CONT(${share}) WITHIN GROUP (ORDER BY ${expression})`;

const DAILY_STAGES =
  'SELECT CAST(OCCURRED_AT AS DATE) AS DAY, TENANT, SOURCE, EVENT_TYPE, STAGE, STATUS, COUNT(*) AS STAGE_RUNS, ' +
  `COUNT(DISTINCT EVENT_ID) AS EVENTS, ${percentile(0.5, 'DURATION_MS')} AS DURATION_MS_P50, ` +
  `${percentile(0.95, 'DURATION_MS')} AS DURATION_MS_P95, MAX(DURATION_MS) AS DURATION_MS_MAX ` +
  'FROM WEBHOOK_PROCESSING_HISTORY GROUP BY 1, 2, 3, 4, 5, 6';

/** From the reception to the end of the last stage; events whose last stage did not end well are counted apart. */
const DAILY_LATENCIES =
  "WITH ends AS (SELECT EVENT_ID, MAX(OCCURRED_AT) AS ENDED_AT, COUNT(DISTINCT CASE WHEN STATUS = 'failed' THEN STAGE END) " +
  'AS FAILED_STAGES, MAX(ATTEMPT) AS ATTEMPTS FROM WEBHOOK_PROCESSING_HISTORY GROUP BY EVENT_ID), ' +
  'timed AS (SELECT e.TENANT, e.VENDOR, e.KIND, CAST(e.RECEIVED_AT AS DATE) AS DAY, h.FAILED_STAGES, h.ATTEMPTS, ' +
  "DATEDIFF('millisecond', e.RECEIVED_AT, h.ENDED_AT) / 1000.0 AS PROCESSED_SECONDS, " +
  "DATEDIFF('millisecond', e.RECEIVED_AT, e.LOADED_AT) / 1000.0 AS LOADED_SECONDS " +
  'FROM WEBHOOK_EVENTS AS e LEFT JOIN ends AS h ON h.EVENT_ID = e.EVENT_ID) ' +
  'SELECT DAY, TENANT, VENDOR, KIND, COUNT(*) AS EVENTS, COUNT(CASE WHEN FAILED_STAGES > 0 THEN 1 END) AS EVENTS_WITH_FAILURES, ' +
  `COUNT(CASE WHEN ATTEMPTS > 1 THEN 1 END) AS EVENTS_RETRIED, ${percentile(0.5, 'PROCESSED_SECONDS')} AS PROCESSED_SECONDS_P50, ` +
  `${percentile(0.95, 'PROCESSED_SECONDS')} AS PROCESSED_SECONDS_P95, ${percentile(0.5, 'LOADED_SECONDS')} AS LOADED_SECONDS_P50, ` +
  `${percentile(0.95, 'LOADED_SECONDS')} AS LOADED_SECONDS_P95 FROM timed GROUP BY 1, 2, 3, 4`;

/** What analysts and the operator's desk read; and, for Snowflake, the place of rows too large for one bind. */
export const VIEWS_FOR_PEOPLE: Migration = {
  version: '0002',
  name: 'views-for-people',
  tables: [],
  views: [
    { name: 'WEBHOOK_EVENTS', select: webhookEvents },
    {
      name: 'CONVERSATION_INSIGHTS',
      select: (sql) => CONVERSATIONS.map((kind) => insightsOf(sql, kind)).join(' UNION ALL '),
    },
    {
      name: 'CALL_INSIGHTS',
      select: "SELECT * FROM CONVERSATION_INSIGHTS WHERE CONVERSATION_KIND = 'call'",
    },
    {
      name: 'ACCOUNT_SIGNALS',
      select:
        'SELECT i.ACCOUNT_ID, a.ACCOUNT_NAME, a.OWNER_ID AS ACCOUNT_OWNER_ID, a.INDUSTRY AS ACCOUNT_INDUSTRY, ' +
        'i.CONVERSATION_KIND, i.CONVERSATION_ID, i.TITLE, i.URL, i.OCCURRED_AT, i.PRIORITY, i.INSIGHT_ID, i.INSIGHT_KIND, ' +
        'i.SUBJECT, i.LABEL, i.STANCE, i.SCORE, i.INSIGHT_SOURCE, i.QUOTE, i.SPEAKER, i.SPEAKER_SIDE, i.TENANT ' +
        'FROM CONVERSATION_INSIGHTS AS i LEFT JOIN ZOHO_ACCOUNTS_CURRENT AS a ' +
        'ON a.ACCOUNT_ID = i.ACCOUNT_ID AND a.TENANT = i.TENANT WHERE i.ACCOUNT_ID IS NOT NULL',
    },
    { name: 'DAILY_STAGES', select: DAILY_STAGES },
    { name: 'DAILY_LATENCIES', select: DAILY_LATENCIES },
  ],
  onlyFor: {
    snowflake: [
      'CREATE TRANSIENT TABLE IF NOT EXISTS ROW_PARTS (LOAD_ID VARCHAR(64) NOT NULL, PART NUMBER(38,0) NOT NULL, ' +
        'TEXT VARCHAR(16777216) NOT NULL, LOADED_AT TIMESTAMP_TZ(3) NOT NULL)',
    ],
  },
};
