import { apiDoc, json } from '../openapi/documented.decorator.js';
import { exactly, mapOf, objectOf, oneOf, ref, type Schema, text } from '../openapi/schema.js';

/** One part as terminus reports it: a status, and what the part says of itself. */
const PART: Schema = {
  type: 'object',
  required: ['status'],
  properties: { status: oneOf(['up', 'degraded', 'down'], 'How it is.') },
  additionalProperties: true,
};

const EXAMPLE = {
  status: 'ok',
  info: { redis: { status: 'up', pingMs: 1 }, warehouse: { status: 'up' } },
  error: {},
  details: { redis: { status: 'up', pingMs: 1 }, warehouse: { status: 'up' } },
};

export const HEALTH_API = apiDoc({
  tag: { name: 'Health', description: 'Whether the service and its parts are well. States and counts only.' },
  schemas: {
    Health: {
      type: 'object',
      required: ['status', 'details'],
      properties: {
        status: text('`ok` also where a part is degraded; see the parts.'),
        info: mapOf(PART, 'Parts that are not down.'),
        error: mapOf(PART, 'Parts that are down.'),
        details: mapOf(
          PART,
          'Every part: redis, warehouse, memory, queues; of Gong and Zoho the last real call.',
        ),
      },
    },
  },
  routes: {
    all: {
      summary: 'Every part',
      answers: { 200: json('Up, or degraded.', ref('Health'), EXAMPLE) },
      errors: ['SERVICE.UNAVAILABLE'],
    },
    live: {
      summary: 'Liveness: never depends on another system',
      answers: {
        200: json('The process answers.', objectOf<{ status: 'up' }>({ status: exactly('up') }), {
          status: 'up',
        }),
      },
    },
    ready: {
      summary: 'Readiness: not while starting, draining, or without Redis',
      answers: { 200: json('Send requests.', ref('Health')) },
      errors: ['SERVICE.UNAVAILABLE'],
    },
  },
});
