import { apiDoc, json } from '../openapi/documented.decorator.js';
import { count, flag, mapOf, objectOf, oneOf, ref, type Schema, time } from '../openapi/schema.js';
import type { WebhookHealth, WebhookMetrics } from './webhook-status.js';

const percent = (description: string): Schema => ({ type: 'number', minimum: 0, description });

const HEALTH: WebhookHealth = {
  status: 'healthy',
  redis_connected: true,
  queue_size: 12,
  queue_capacity: 10_000,
  queue_utilization: 0.12,
  timestamp: '2026-03-04T14:22:00.345Z',
};

const METRICS: WebhookMetrics = {
  total_events: 56,
  verified_events: 48,
  rejected_events: 8,
  duplicated_events: 2,
  queued_events: 45,
  failed_events: 0,
  acceptance_rate: 85.71,
  deduplication_rate: 4.17,
  current_queue_size: 0,
  vendors: { gong: { accepted: 45, duplicate: 2, ignored: 1, rejected: 8 }, zoho: {} },
  modules: { call: 45 },
};

export const WEBHOOK_STATUS_API = apiDoc({
  tag: { name: 'Front door', description: 'The front door in numbers; sums over all processes.' },
  schemas: {
    WebhookHealth: objectOf<WebhookHealth>({
      status: oneOf(['healthy', 'degraded', 'unhealthy'], 'Degraded from 80 % of the capacity on.'),
      redis_connected: flag('Without it nothing is accepted.'),
      queue_size: count('Events that wait or are worked on.'),
      queue_capacity: count('WEBHOOK_MAX_QUEUE_SIZE: when it is reached, webhooks are answered 503.'),
      queue_utilization: percent('Percent of the capacity.'),
      timestamp: time('Now.'),
    }),
    WebhookMetrics: objectOf<WebhookMetrics>({
      total_events: count('Requests, as all sums here but `modules`.'),
      verified_events: count('Proven to come from the vendor.'),
      rejected_events: count('Not proven, or not readable.'),
      duplicated_events: count('Repeats.'),
      queued_events: count('Accepted.'),
      failed_events: count('Answered 503.'),
      acceptance_rate: percent('Percent of all requests that were proven authentic.'),
      deduplication_rate: percent('Percent of the authentic requests that were repeats.'),
      current_queue_size: count('Events that wait or are worked on.'),
      vendors: mapOf(mapOf(count('Requests.'), 'By outcome.'), 'By vendor.'),
      modules: mapOf(count('Events.'), 'Events by module of the CRM or kind of conversation.'),
    }),
  },
  routes: {
    health: {
      summary: 'Whether webhooks are taken',
      answers: { 200: json('Also when unhealthy: see `status`.', ref('WebhookHealth'), HEALTH) },
    },
    metrics: {
      summary: 'What became of all webhooks',
      answers: { 200: json('Sums since the beginning.', ref('WebhookMetrics'), METRICS) },
    },
  },
});
