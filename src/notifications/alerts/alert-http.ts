import { AppError } from '../../contracts/errors.js';

/** The Standard Webhooks specification recommends 15 to 30 seconds. */
const TIMEOUT_MS = 15_000;
/** A receiver that asks for longer is asked again after this time. */
const MAX_WAIT_MS = 3_600_000;

interface PostOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Answers after which trying again is of no use. */
  readonly isFinal: (status: number) => boolean;
}

/**
 * Posts an alert. Redirects are failures: the address is the operator's, and nobody else's.
 * @throws AppError as AlertSender says; `fetch` would put the address into its message.
 */
export async function postAlert(url: string, { headers, body, isFinal }: PostOptions): Promise<void> {
  const response = await request(url, { headers, body });
  await response.body?.cancel();
  if (response.ok) return;
  const { status } = response;
  const waitMs = retryAfterMs(response.headers.get('retry-after'));
  if (waitMs !== undefined && (status === 429 || status === 503)) {
    throw new AppError('ALERT.LIMITED', `the target answered ${status}`, { afterMs: waitMs });
  }
  if (isFinal(status)) throw new AppError('ALERT.REFUSED', `the target answered ${status}`);
  throw new AppError('ALERT.FAILED', `the target answered ${status}`, 'backoff');
}

async function request(url: string, { headers, body }: Omit<PostOptions, 'isFinal'>): Promise<Response> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    return await fetch(url, { method: 'POST', redirect: 'manual', headers, body, signal });
  } catch (error) {
    throw new AppError('ALERT.FAILED', `the target did not answer (${reasonOf(error)})`, 'backoff');
  }
}

/** Seconds or an HTTP date, RFC 9110 §10.2.3. */
export function retryAfterMs(header: string | null, now = Date.now()): number | undefined {
  if (header === null) return undefined;
  const milliseconds = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isNaN(milliseconds) ? undefined : Math.min(Math.max(milliseconds, 1_000), MAX_WAIT_MS);
}

function reasonOf(error: unknown): string {
  const { name, cause } = error as { name: string; cause?: { code?: string } };
  return cause?.code ?? name;
}
