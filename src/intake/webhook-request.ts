import type { SignedRequest, VerifiedSender } from '../contracts/ports/vendor-adapter.port.js';

/** The parts of a Fastify request that the front door uses. `id` is the correlation id. */
export interface WebhookRequest {
  readonly id: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The bytes as received; undefined where there was no body. */
  readonly body?: Buffer;
  /** Set by the guard once the sender is proven. */
  sender?: VerifiedSender;
  /** Set where the request is refused: the code of the answer, for the log. */
  refusedWith?: string;
  /** Set by admission, for the one log line that a webhook gets. */
  outcome?: {
    readonly status: 'accepted' | 'duplicate' | 'ignored';
    readonly eventIds: readonly string[];
    readonly modules: readonly string[];
  };
}

/** The request as a vendor's adapter reads it. */
export function signedRequest({ body, headers, url }: WebhookRequest): SignedRequest {
  return { body: body ?? Buffer.alloc(0), headers, url };
}
