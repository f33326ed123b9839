import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Agent, request } from 'undici';
import { AppError } from '../../contracts/errors.js';
import type { Json } from '../../contracts/json.js';
import { withJitter, ZohoPatience } from './zoho-patience.js';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  /** Null where there is none (204, 304), or where it is not JSON. */
  readonly body: Json;
  readonly creditsRemaining: number | null;
}

const CONNECT_TIMEOUT_MS = 5_000;
/** Two hundred records of fifty fields stay far below; more is not an answer of Zoho's. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

/** HTTP to Zoho over kept connections. Redirects are not followed: the token goes to one address only. */
@Injectable()
export class ZohoTransport implements OnApplicationShutdown {
  private readonly agent: Agent;

  constructor(@Inject(ZohoPatience) private readonly patience: ZohoPatience) {
    const { requestTimeoutMs } = patience;
    this.agent = new Agent({
      connect: { timeout: CONNECT_TIMEOUT_MS },
      headersTimeout: requestTimeoutMs,
      bodyTimeout: requestTimeoutMs,
      maxResponseSize: MAX_ANSWER_BYTES,
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.agent.close();
  }

  /** @throws AppError `ZOHO.UNAVAILABLE` where no answer came; every status is an answer. */
  async send({ method, url, headers, body }: HttpRequest): Promise<HttpAnswer> {
    try {
      const response = await request(url, {
        method,
        dispatcher: this.agent,
        signal: AbortSignal.timeout(this.patience.requestTimeoutMs),
        ...(headers !== undefined && { headers }),
        ...(body !== undefined && { body }),
      });
      const text = await response.body.text();
      const credits = Number(response.headers['x-api-credits-remaining'] ?? NaN);
      return {
        status: response.statusCode,
        body: parsed(text),
        creditsRemaining: Number.isFinite(credits) ? credits : null,
      };
    } catch (error) {
      const { code, name } = error as { code?: string; name?: string };
      throw new AppError(
        'ZOHO.UNAVAILABLE',
        `Zoho did not answer (${code ?? name ?? 'unknown'})`,
        { afterMs: withJitter(this.patience.faultMs) },
        { cause: error },
      );
    }
  }
}

function parsed(text: string): Json {
  if (text === '') return null;
  try {
    return JSON.parse(text) as Json;
  } catch {
    // A page of a proxy, for example: its status says what to do.
    return null;
  }
}
