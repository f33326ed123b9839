import { createHash, createPrivateKey, randomInt } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { gongCall, SeededRandom } from '../factories/gong-call.factory.js';
import { GongSigner } from '../simulators/gong/gong-signer.js';
import { GongWebhookSender } from '../simulators/gong/gong-webhook-sender.js';

interface Options {
  readonly url: URL;
  readonly claimUrl: string;
  readonly key: string | undefined;
  readonly id: string;
}

const DEFAULT_URL = 'http://127.0.0.1:3000/webhook/gong/calls';
/** Kept, so that a service once told its public key takes the next call too. */
const KEY_FILE = join('data', 'send-key.pem');
const EXIT_USAGE = 2;
const USAGE = `usage: npm run send -- gong call [--url U] [--key K] [--claim-url C] [--id N]
  --url U        where to post; default ${DEFAULT_URL}
  --key K        private key that signs: a PEM file or the PEM text; default: ${KEY_FILE}, made when missing
  --claim-url C  the address in the token, when the service is known by another than U
  --id N         id of the call, up to 20 digits, to send the same one again; default: a new one`;

class UsageError extends Error {}

function readOptions(): Options {
  const text = { type: 'string' } as const;
  const options = { url: text, key: text, 'claim-url': text, id: text };
  const { values, positionals } = parsedArguments(options);
  if (positionals.join(' ') !== 'gong call') throw new UsageError('say what to send: gong call');
  const target = values.url ?? DEFAULT_URL;
  if (!/^https?:/.test(target) || !URL.canParse(target)) {
    throw new UsageError('--url is not an http(s) address');
  }
  const id = values.id ?? new SeededRandom(randomInt(2 ** 47)).digits(19);
  if (!/^\d{1,20}$/.test(id)) throw new UsageError('--id is not a number of up to 20 digits');
  return { url: new URL(target), claimUrl: values['claim-url'] ?? target, key: values.key, id };
}

function parsedArguments<T extends Record<string, { readonly type: 'string' }>>(options: T) {
  try {
    return parseArgs({ args: withKeyText(process.argv.slice(2)), options, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** The text of a PEM begins with dashes, which parseArgs would take for another option. */
function withKeyText(args: readonly string[]): string[] {
  const place = args.indexOf('--key');
  const key = args[place + 1];
  if (place === -1 || key?.startsWith('-----BEGIN') !== true) return [...args];
  return [...args.slice(0, place), `--key=${key}`, ...args.slice(place + 2)];
}

function signerWith(key: string): GongSigner {
  try {
    const pem = key.includes('-----BEGIN') ? key.replaceAll('\\n', '\n') : readFileSync(key, 'utf8');
    return new GongSigner(createPrivateKey(pem));
  } catch {
    // The reason could quote the key.
    throw new UsageError('--key is neither a readable file nor the text of a private key in PEM');
  }
}

function signerWithKeptKey(): GongSigner {
  if (existsSync(KEY_FILE)) return new GongSigner(createPrivateKey(readFileSync(KEY_FILE)));
  const signer = new GongSigner();
  mkdirSync(dirname(KEY_FILE), { recursive: true });
  writeFileSync(KEY_FILE, signer.privateKeyPem, { mode: 0o600 });
  return signer;
}

/** The body depends on the id alone: the same id again is the same delivery again. */
function sampleBody(id: string): Buffer {
  const seed = createHash('sha256').update(id).digest().readUIntBE(0, 6);
  const title = 'Northwind / Contoso - renewal at risk?';
  return Buffer.from(JSON.stringify(gongCall({ seed, metaData: { id, title } })));
}

async function send({ url, claimUrl, key, id }: Options): Promise<number> {
  const signer = key === undefined ? signerWithKeptKey() : signerWith(key);
  if (key === undefined) {
    console.log('the service takes this call when it was started with:');
    console.log(`GONG_WEBHOOK_PUBLIC_KEYS=${signer.publicKeyBase64}`);
    console.log(`GONG_WEBHOOK_URLS=${claimUrl}\n`);
  }
  const body = sampleBody(id);
  const token = signer.sign({ url: claimUrl, body });
  const answer = await new GongWebhookSender(url.origin).send({
    path: `${url.pathname}${url.search}`,
    body,
    token,
  });
  const { eventIds = [] } = Object(answer.body) as { readonly eventIds?: readonly string[] };
  console.log(`call      ${id}`);
  console.log(
    `answer    ${answer.status} ${JSON.stringify(answer.body)} in ${answer.milliseconds.toFixed(0)} ms`,
  );
  if (eventIds.length > 0) console.log(`event id  ${eventIds.join(', ')}`);
  return answer.status === 200 ? 0 : 1;
}

async function main(): Promise<number> {
  const options = readOptions();
  try {
    return await send(options);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { message, cause } = error as Error;
    const reason = cause instanceof Error && cause.message !== '' ? cause.message : message;
    console.error(`nothing was delivered to ${options.url.href}: ${reason}`);
    return 1;
  }
}

main().then(
  (code) => (process.exitCode = code),
  (error: Error) => {
    console.error(error.message);
    if (error instanceof UsageError) console.error(`\n${USAGE}`);
    process.exitCode = error instanceof UsageError ? EXIT_USAGE : 1;
  },
);
