/** An answer of the simulated API; without a body for 204 and 304. */
export interface SimulatorAnswer {
  readonly status: number;
  readonly body?: unknown;
  /** The work is done, and the connection breaks before the answer leaves. */
  readonly isLost?: true;
}

/** Zoho's error envelope (crm-oas v8.0 common.json). */
export function apiError(
  code: string,
  status: number,
  message: string,
  details: object = {},
): SimulatorAnswer {
  return { status, body: { code, details, message, status: 'error' } };
}
