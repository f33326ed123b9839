export interface Failure {
  /** `OTHER` for what was not foreseen. */
  readonly code: string;
  readonly stage: string | null;
  readonly message: string;
}

const FORM = /^([A-Z_]+\.[A-Z_]+)(?: \[([a-z]+)\])?: ([\s\S]*)$/;

/** How a failure is written into a queue, which keeps text only: `PAYLOAD.NOT_UNDERSTOOD [enrich]: names no call`. */
export function failureText({ code, stage, message }: Failure): string {
  return `${code}${stage === null ? '' : ` [${stage}]`}: ${message}`;
}

/** Reads it back. */
export function failureFrom(text: string): Failure {
  const [, code, stage, message] = FORM.exec(text) ?? [];
  if (code === undefined || message === undefined) return { code: 'OTHER', stage: null, message: text };
  return { code, stage: stage ?? null, message };
}
