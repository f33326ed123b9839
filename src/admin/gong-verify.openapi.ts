import type { DeliveryReport, LastDelivery } from '../contracts/ports/seen-index.port.js';
import { apiDoc, json } from '../openapi/documented.decorator.js';
import { listOf, nullable, objectOf, ref, text, time } from '../openapi/schema.js';

const DELIVERY: LastDelivery = { signingKeyId: '8c6976e5b5410415', at: '2026-03-04T14:22:00.345Z' };

export const GONG_VERIFY_API = apiDoc({
  tag: { name: 'Gong', description: 'Whether the automation rules of Gong work.' },
  schemas: {
    LastDelivery: objectOf<LastDelivery>({
      signingKeyId: text('Fingerprint of the key that proved it.'),
      at: time('When it came.'),
    }),
  },
  routes: {
    verify: {
      summary: 'When the last authentic delivery came, and by which keys',
      answers: {
        200: json(
          'Null and empty before the first delivery.',
          objectOf<DeliveryReport>({
            lastDelivery: nullable(ref('LastDelivery')),
            byKey: listOf(ref('LastDelivery'), 'The last one of each key, the latest first.'),
          }),
          { lastDelivery: DELIVERY, byKey: [DELIVERY] },
        ),
      },
    },
  },
});
