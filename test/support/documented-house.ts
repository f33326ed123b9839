import { createHmac } from 'node:crypto';
import { GongApiSimulator } from '../simulators/gong/gong-api.simulator.js';
import { ZohoApiSimulator } from '../simulators/zoho/zoho-api.simulator.js';
import { ADMIN_TOKEN, DESK_TOKENS } from './admin-desk.js';
import { GongHouse } from './gong-house.js';
import { nameOf, type Route } from './openapi-document.js';
import { OpenApiJudge } from './openapi-judge.js';
import { type RawAnswer, RawHttp } from './raw-http.js';

export const HOUSE_SECRET = 'the-secret-of-the-documented-house-32-characters';
export const MAX_BODY_BYTES = 100_000;

export interface Ask {
  /** Values of the path's parameters. */
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: string;
  /** Sent as JSON, unless it is bytes. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of what proves the sender to this route. */
  readonly proof?: Readonly<Record<string, string>>;
}

/** The whole service beside simulated vendors, with every answer held against its document. */
export class DocumentedHouse {
  readonly http: RawHttp;

  private constructor(
    readonly gong: GongHouse,
    readonly judge: OpenApiJudge,
    private readonly gongApi: GongApiSimulator,
    readonly zohoApi: ZohoApiSimulator,
  ) {
    this.http = new RawHttp(gong.service.port);
  }

  static async open(): Promise<DocumentedHouse> {
    const [gongApi, zohoApi] = await Promise.all([GongApiSimulator.start(), ZohoApiSimulator.start()]);
    const gong = await GongHouse.open({
      ...DESK_TOKENS,
      ...gongApi.environment,
      ...zohoApi.environment,
      SECRETS_KEY: Buffer.alloc(32, 7).toString('base64'),
      WEBHOOK_SECRETS: HOUSE_SECRET,
      WEBHOOK_MAX_BODY_BYTES: String(MAX_BODY_BYTES),
      // Each request comes from an address of its own: wrong tokens of one are not counted with those of another.
      TRUST_PROXY: 'true',
    });
    return new DocumentedHouse(gong, await OpenApiJudge.of(gong.service.url), gongApi, zohoApi);
  }

  /** Asks a route, proven as its document says, and fails where the answer is not as documented. */
  async ask<Body = Record<string, unknown>>(
    name: string,
    ask: Ask = {},
  ): Promise<RawAnswer & { readonly json: Body }> {
    const route = this.judge.route(name);
    const { path, query, body: given, headers } = ask;
    const target = `${filled(route.path, path ?? {})}${query === undefined ? '' : `?${query}`}`;
    const body = given === undefined || Buffer.isBuffer(given) ? given : Buffer.from(JSON.stringify(given));
    const answer = await this.http.send({
      method: route.method,
      path: target,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(ask.proof ?? this.proof(route, target, body)),
        ...headers,
      },
      ...(body !== undefined && { body }),
    });
    const wrong = this.judge.judge(route, answer);
    if (wrong !== undefined) throw new Error(wrong);
    const isJson = String(answer.headers['content-type']).includes('json');
    return { ...answer, json: (isJson ? JSON.parse(answer.body) : {}) as Body };
  }

  /** The headers that prove the sender, by the first scheme that the route names. */
  proof(route: Route, target: string, body: Buffer = Buffer.alloc(0)): Record<string, string> {
    const [scheme] = route.operation.security.flatMap((requirement) => Object.keys(requirement));
    switch (scheme) {
      case undefined:
        return nameOf(route).includes('/admin/session') ? { origin: this.gong.service.url } : {};
      case 'gongToken':
        return { authorization: this.gong.signer.sign({ url: `${this.gong.service.url}${target}`, body }) };
      case 'zohoSignature':
        return { 'x-zoho-signature': createHmac('sha256', HOUSE_SECRET).update(body).digest('hex') };
      default:
        return { authorization: `Bearer ${ADMIN_TOKEN}` };
    }
  }

  async close(): Promise<void> {
    this.http.close();
    await this.gong.close();
    await Promise.all([this.gongApi.close(), this.zohoApi.stop()]);
  }
}

/** @param values are encoded; what is not given stands as it is. */
export function filled(path: string, values: Readonly<Record<string, string>>): string {
  return path.replace(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(values[name] ?? 'none'));
}
