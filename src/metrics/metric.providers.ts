import type { Provider } from '@nestjs/common';
import { makeCounterProvider, makeGaugeProvider, makeHistogramProvider } from '@willsoto/nestjs-prometheus';

const FAST_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];
const SLOW_SECONDS = [0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 3, 5, 10, 30, 60, 300];

/** Names are part of the public contract: dashboards and alerts rest on them. */
export const METRIC_PROVIDERS: Provider[] = [
  makeCounterProvider({
    name: 'webhook_requests_total',
    help: 'Webhook requests by endpoint and answer',
    labelNames: ['endpoint', 'status'],
  }),
  makeHistogramProvider({
    name: 'webhook_ack_duration_seconds',
    help: 'Time from the request to its answer',
    labelNames: ['endpoint'],
    buckets: FAST_SECONDS,
  }),
  makeHistogramProvider({
    name: 'webhook_processing_duration_seconds',
    help: 'Time a worker spent on an event, one attempt',
    labelNames: ['vendor', 'kind'],
    buckets: FAST_SECONDS,
  }),
  makeGaugeProvider({
    name: 'data_quality_score',
    help: 'Share of expected fields present and usable in the last event, 0 to 1',
    labelNames: ['vendor', 'kind'],
  }),
  makeCounterProvider({
    name: 'validation_failures_total',
    help: 'Fields that were present but not usable',
    labelNames: ['vendor', 'field'],
  }),
  makeGaugeProvider({
    name: 'active_background_tasks',
    help: 'Jobs being worked on in this process',
    labelNames: ['queue'],
  }),
  makeCounterProvider({
    name: 'warehouse_rows_total',
    help: 'Rows inserted or replaced in the warehouse',
    labelNames: ['table'],
  }),
  makeHistogramProvider({
    name: 'warehouse_flush_duration_seconds',
    help: 'Time of one write to the warehouse',
    buckets: SLOW_SECONDS,
  }),
  makeHistogramProvider({
    name: 'event_to_row_seconds',
    help: 'From the reception of a webhook to the commit of its raw row',
    labelNames: ['vendor'],
    buckets: SLOW_SECONDS,
  }),
  makeCounterProvider({
    name: 'notifications_total',
    help: 'Messages published by channel',
    labelNames: ['channel'],
  }),
  makeCounterProvider({
    name: 'crm_tasks_total',
    help: 'Tasks for the CRM by outcome: written, found (after a lost answer), known, dry_run, too_old, dead_letter',
    labelNames: ['outcome'],
  }),
  makeCounterProvider({
    name: 'alerts_total',
    help: 'Alerts to targets outside, by outcome: delivered, failed_attempt, dead_letter',
    labelNames: ['target', 'outcome'],
  }),
  makeGaugeProvider({
    name: 'alert_outbox_messages',
    help: 'Messages whose alerts are not in the queues of their targets yet',
  }),
  makeGaugeProvider({
    name: 'alert_outbox_oldest_age_seconds',
    help: 'Age of the oldest message whose alerts are not in the queues of their targets yet',
  }),
  makeGaugeProvider({
    name: 'notification_stream_clients',
    help: 'Agents that hear the stream of notifications now',
  }),
  makeCounterProvider({
    name: 'notification_stream_dropped_total',
    help: 'Agents that were cut off because they read too slowly; they resume where they were',
  }),
  makeGaugeProvider({
    name: 'dead_letters',
    help: 'Failed jobs by queue and error code',
    labelNames: ['queue', 'code'],
  }),
  makeGaugeProvider({
    name: 'queue_depth',
    help: 'Jobs by queue and state',
    labelNames: ['queue', 'state'],
  }),
  makeGaugeProvider({
    name: 'queue_oldest_age_seconds',
    help: 'Age of the oldest waiting job',
    labelNames: ['queue'],
  }),
  makeCounterProvider({
    name: 'gong_api_calls_total',
    help: "Requests to Gong's API by endpoint and answer (HTTP status, or network, timeout, malformed)",
    labelNames: ['endpoint', 'status'],
  }),
  makeCounterProvider({
    name: 'api_rate_limit_hits_total',
    help: 'Answers of a vendor that say we asked too often',
    labelNames: ['api'],
  }),
  makeGaugeProvider({
    name: 'gong_daily_budget_remaining',
    help: "Requests to Gong's API left of the last 24 hours' budget, over all processes",
  }),
  makeCounterProvider({
    name: 'llm_calls_total',
    help: 'Requests to the language model by answer (HTTP status, or network, timeout)',
    labelNames: ['status'],
  }),
  makeGaugeProvider({
    name: 'llm_daily_tokens_remaining',
    help: "Tokens left of the language model's budget of this day (UTC), over all processes",
  }),
  makeGaugeProvider({
    name: 'circuit_state',
    help: 'Circuit breaker of this process: 0 closed, 1 half-open, 2 open',
    labelNames: ['dependency'],
  }),
  makeGaugeProvider({
    name: 'outbox_rows',
    help: 'Rows that wait for the warehouse',
    labelNames: ['table'],
  }),
  makeGaugeProvider({
    name: 'outbox_bytes',
    help: 'Bytes of rows that wait for the warehouse; at OUTBOX_MAX_BYTES webhooks get 503',
    labelNames: ['table'],
  }),
  makeGaugeProvider({
    name: 'outbox_oldest_age_seconds',
    help: 'Age of the oldest row that waits for the warehouse',
    labelNames: ['table'],
  }),
  makeCounterProvider({
    name: 'zoho_api_calls_total',
    help: "Requests to Zoho CRM's API by endpoint and answer",
    labelNames: ['endpoint', 'status'],
  }),
  makeCounterProvider({
    name: 'reconciliation_missed_total',
    help: "Changes that a vendor's API lists and no webhook had brought; they were entered then",
    labelNames: ['vendor'],
  }),
  makeGaugeProvider({
    name: 'zoho_channel_expiry_seconds',
    help: "Seconds until a notification channel of Zoho CRM expires; below 0 it has, and its webhooks don't come",
    labelNames: ['channel'],
  }),
];
