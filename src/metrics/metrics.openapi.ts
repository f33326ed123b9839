import { apiDoc } from '../openapi/documented.decorator.js';

export const METRICS_API = apiDoc({
  tag: { name: 'Metrics', description: 'Numbers for Prometheus.' },
  routes: {
    index: {
      summary: 'All metrics',
      answers: {
        200: {
          description: 'Prometheus text format.',
          content: {
            'text/plain': {
              schema: { type: 'string' },
              examples: { line: 'webhook_requests_total{endpoint="/webhook/gong/calls",status="200"} 45\n' },
            },
          },
        },
      },
    },
  },
});
