import { createHmac, timingSafeEqual } from 'node:crypto';
import fastify from 'fastify';

/** Fastify that answers 200 and does nothing else; with BENCH_SECRET it checks the HMAC of the raw bytes first. */
const secret = process.env.BENCH_SECRET;
const server = fastify();
server.removeAllContentTypeParsers();
server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
  done(null, body),
);

function isSigned(body: Buffer, signature: string): boolean {
  const expected = createHmac('sha256', secret ?? '')
    .update(body)
    .digest();
  const given = Buffer.from(signature, 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

server.get('/health', async () => ({ status: 'ok' }));
server.post('/webhooks/zoho', async (request, reply) => {
  const signature = request.headers['x-zoho-signature'];
  if (secret !== undefined && !isSigned(request.body as Buffer, String(signature))) {
    return reply.code(401).send({ status: 'refused' });
  }
  return { status: 'accepted' };
});

void server.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });
