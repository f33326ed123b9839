import { createHash, createPrivateKey, randomBytes, randomInt } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { gongCall, SeededRandom } from '../factories/gong-call.factory.js';
import { GongSigner } from '../simulators/gong/gong-signer.js';
import { type GongAnswer, GongWebhookSender } from '../simulators/gong/gong-webhook-sender.js';
import { ZohoWebhookSender } from '../simulators/zoho/zoho-webhook-sender.js';

interface Options {
  readonly vendor: 'gong' | 'zoho';
  /** Gong: call, email or meeting. Zoho: the module. */
  readonly what: string;
  readonly url: URL;
  readonly claimUrl: string;
  readonly key: string | undefined;
  readonly id: string;
}

type GongKind = 'call' | 'email' | 'meeting';

const DEFAULT_BASE_URL = 'http://127.0.0.1:3000';
const GONG_KINDS: readonly string[] = ['call', 'email', 'meeting'];
/** Kept, so that a service once told its public key takes the next call too. */
const KEY_FILE = join('data', 'send-key.pem');
const SECRET_FILE = join('data', 'send-secret');
const EXIT_USAGE = 2;
const USAGE = `usage: npm run send -- gong call|email|meeting [--url U] [--key K] [--claim-url C] [--id N]
       npm run send -- zoho MODULE [--url U] [--key SECRET] [--id N]
  --url U        where to post; default ${DEFAULT_BASE_URL}/webhook/gong/calls, .../webhooks/zoho and so on
  --key K        gong: private key that signs, a PEM file or the PEM text; default: ${KEY_FILE}, made when missing
                 zoho: HMAC secret; default: the one in ${SECRET_FILE}, made when missing
  --claim-url C  the address in Gong's token, when the service is known by another than U
  --id N         id of the object, up to 20 digits, to send the same one again; default: a new one`;

class UsageError extends Error {}

function readOptions(): Options {
  const text = { type: 'string' } as const;
  const options = { url: text, key: text, 'claim-url': text, id: text };
  const { values, positionals } = parsedArguments(options);
  const [vendor, what = '', ...rest] = positionals;
  const isGong = vendor === 'gong' && GONG_KINDS.includes(what);
  const isZoho = vendor === 'zoho' && /^\w+$/.test(what);
  if ((!isGong && !isZoho) || rest.length > 0) {
    throw new UsageError('say what to send: gong call, or zoho Accounts');
  }
  const target = values.url ?? DEFAULT_BASE_URL + (isGong ? `/webhook/gong/${what}s` : '/webhooks/zoho');
  if (!/^https?:/.test(target) || !URL.canParse(target)) {
    throw new UsageError('--url is not an http(s) address');
  }
  const id = values.id ?? new SeededRandom(randomInt(2 ** 47)).digits(19);
  if (!/^\d{1,20}$/.test(id)) throw new UsageError('--id is not a number of up to 20 digits');
  const claimUrl = values['claim-url'] ?? target;
  return { vendor: isGong ? 'gong' : 'zoho', what, url: new URL(target), claimUrl, key: values.key, id };
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
function gongBody(kind: GongKind, id: string): Buffer {
  const seed = createHash('sha256').update(id).digest().readUIntBE(0, 6);
  const title = 'Northwind / Contoso - renewal at risk?';
  if (kind !== 'email') return Buffer.from(JSON.stringify(gongCall({ seed, metaData: { id, title } })));
  const [from, to] = ['dana.whitfield@contoso.example', ['sam.okafor@northwind.example']];
  const email = {
    emailId: id,
    subject: title,
    from,
    to,
    cc: [],
    direction: 'inbound',
    body: 'We are not sure yet.',
  };
  return Buffer.from(JSON.stringify(email));
}

async function sendToGong({ what, url, claimUrl, key, id }: Options): Promise<number> {
  const signer = key === undefined ? signerWithKeptKey() : signerWith(key);
  if (key === undefined) {
    console.log('the service takes this when it was started with:');
    console.log(`GONG_WEBHOOK_PUBLIC_KEYS=${signer.publicKeyBase64}`);
    const [base, ...isOther] = claimUrl.split(`/webhook/gong/${what}s`);
    console.log(
      isOther.join('') === '' && base !== claimUrl
        ? `WEBHOOK_BASE_URL=${base}\n`
        : `GONG_WEBHOOK_URLS=${claimUrl}\n`,
    );
  }
  const body = gongBody(what as GongKind, id);
  const token = signer.sign({ url: claimUrl, body });
  const path = `${url.pathname}${url.search}`;
  return shown(`${what} ${id}`, await new GongWebhookSender(url.origin).send({ path, body, token }));
}

async function sendToZoho({ what: module, url, key, id }: Options): Promise<number> {
  const secret = key ?? keptSecret();
  if (key === undefined) {
    console.log(`the service takes this when it was started with:\nWEBHOOK_SECRETS=${secret}\n`);
  }
  const event = { event_id: `send-${id}`, event_type: `${module}.update`, module, record_id: id };
  const sender = new ZohoWebhookSender(url.href);
  return shown(`${module} ${id}`, await sender.sendSigned(JSON.stringify(event), secret));
}

function keptSecret(): string {
  if (existsSync(SECRET_FILE)) return readFileSync(SECRET_FILE, 'utf8');
  const secret = randomBytes(24).toString('hex');
  mkdirSync(dirname(SECRET_FILE), { recursive: true });
  writeFileSync(SECRET_FILE, secret, { mode: 0o600 });
  return secret;
}

function shown(what: string, answer: GongAnswer): number {
  const { eventIds = [] } = Object(answer.body) as { readonly eventIds?: readonly string[] };
  console.log(`sent      ${what}`);
  console.log(
    `answer    ${answer.status} ${JSON.stringify(answer.body)} in ${answer.milliseconds.toFixed(0)} ms`,
  );
  if (eventIds.length > 0) console.log(`event id  ${eventIds.join(', ')}`);
  return answer.status === 200 ? 0 : 1;
}

async function main(): Promise<number> {
  const options = readOptions();
  try {
    return await (options.vendor === 'gong' ? sendToGong(options) : sendToZoho(options));
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
