import { gongCall, type GongCallOverrides } from '../factories/gong-call.factory.js';
import { GongSigner } from '../simulators/gong/gong-signer.js';
import { type GongAnswer, GongWebhookSender } from '../simulators/gong/gong-webhook-sender.js';
import { startRedis } from './redis-server.js';
import { ServiceProcess } from './service.js';

const CALLS = '/webhook/gong/calls';

export interface AnswerBody {
  readonly status: string;
  readonly eventIds: string[];
  readonly correlationId: string;
  readonly code?: string;
}

/** A Redis, the built service and a Gong that signs for it: what an e2e test starts from. */
export class GongHouse {
  readonly signer = GongSigner.shared();
  readonly sender: GongWebhookSender;

  private constructor(
    readonly redis: Awaited<ReturnType<typeof startRedis>>,
    readonly service: ServiceProcess,
  ) {
    this.sender = new GongWebhookSender(service.url);
  }

  /** Everything made, the service not yet started. */
  static async create(environment: Record<string, string> = {}): Promise<GongHouse> {
    const redis = await startRedis({ appendonly: true });
    const service = await ServiceProcess.create({
      REDIS_URL: redis.url,
      GONG_WEBHOOK_PUBLIC_KEYS: GongSigner.shared().publicKeyBase64,
      ...environment,
    });
    return new GongHouse(redis, service);
  }

  /** Everything running. */
  static async open(environment: Record<string, string> = {}): Promise<GongHouse> {
    const house = await GongHouse.create(environment);
    await house.service.start();
    return house;
  }

  get callsUrl(): string {
    return `${this.service.url}${CALLS}`;
  }

  /** Posts these bytes with a right token, or with the given one. */
  post(body: Buffer | string, token?: string): Promise<GongAnswer> {
    return this.postTo(CALLS, body, token);
  }

  /** The same to another route, e.g. `/webhook/gong/emails`. */
  postTo(path: string, body: Buffer | string, token?: string): Promise<GongAnswer> {
    const bytes = Buffer.from(body);
    const url = `${this.service.url}${path}`;
    return this.sender.send({ path, body: bytes, token: token ?? this.signer.sign({ url, body: bytes }) });
  }

  /** Posts a signed call. */
  postCall(overrides: GongCallOverrides = {}): Promise<GongAnswer> {
    return this.post(JSON.stringify(gongCall(overrides)));
  }

  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.service.url}/metrics`)).text();
    const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `));
    return line === undefined ? 0 : Number(line.slice(name.length + 1));
  }

  async close(): Promise<void> {
    await this.service.dispose();
    await this.redis.stop();
  }
}

/** The JSON of an answer. */
export function answerBody(answer: GongAnswer): AnswerBody {
  return answer.body as AnswerBody;
}
