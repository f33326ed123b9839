import { httpMeaningOf, type Problem, type ProblemCode, titleOfStatus } from '../contracts/problems.js';
import { count, exactly, objectOf, ref, type Schema, text } from './schema.js';

export const PROBLEM_TYPE = 'application/problem+json';

export const PROBLEM_SCHEMA = objectOf<Problem>(
  {
    type: exactly('about:blank'),
    title: text('The name of the status.'),
    status: count('The status of the answer.'),
    code: text('Stable: programs decide by this.', { pattern: '^[A-Z_]+(\\.[A-Z_]+)?$' }),
    detail: text('For people; never holds a secret or a body.'),
    correlationId: text('Under which the logs have the request.'),
  },
  { description: 'RFC 9457 problem details.' },
);

const CORRELATION_HEADER = 'x-correlation-id';

/** What every answer has in its head. */
export const COMMON_HEADERS = {
  [CORRELATION_HEADER]: {
    description: "The request's own where it matches `^[\\w.-]{8,64}$`, else a new one.",
    required: true,
    schema: { type: 'string', pattern: '^[\\w.-]{8,64}$' },
  },
};

const RETRY_AFTER = {
  'retry-after': { description: 'Seconds.', required: true, schema: { type: 'string', pattern: '^\\d+$' } },
};
const CHALLENGE = { 'www-authenticate': { schema: { type: 'string' } } };

/** The answers for these codes, by status. */
export function problemAnswers(codes: readonly ProblemCode[]): Record<string, object> {
  const statuses = [...new Set(codes.map((code) => httpMeaningOf(code).status))].sort();
  return Object.fromEntries(
    statuses.map((status) => {
      const ofStatus = [...new Set(codes)].filter((code) => httpMeaningOf(code).status === status).sort();
      return [String(status), problemAnswer(status, ofStatus)];
    }),
  );
}

function problemAnswer(status: number, codes: readonly ProblemCode[]): object {
  return {
    description: codes.map((code) => `\`${code}\`: ${httpMeaningOf(code).when}`).join('\n\n'),
    headers: headersOf(status, codes),
    content: {
      [PROBLEM_TYPE]: {
        schema: problemSchema(status, codes),
        examples: Object.fromEntries(codes.slice(0, 1).map((code) => [code, { value: exampleOf(code) }])),
      },
    },
  };
}

/** A 500 may have the code of whatever broke. */
function problemSchema(status: number, codes: readonly ProblemCode[]): Schema {
  const code = status === 500 ? {} : { code: { enum: codes } };
  return { allOf: [ref('Problem')], properties: { status: { const: status }, ...code } };
}

function headersOf(status: number, codes: readonly ProblemCode[]): object {
  return {
    ...COMMON_HEADERS,
    ...((status === 429 || status === 503) && RETRY_AFTER),
    ...(codes.includes('ACCESS.DENIED') && CHALLENGE),
  };
}

function exampleOf(code: ProblemCode): Problem {
  const { status, when } = httpMeaningOf(code);
  const correlationId = '3f0c2a4e-8a53-4e0f-9d5b-0c9b7f6f2a11';
  return { type: 'about:blank', title: titleOfStatus(status), status, code, detail: when, correlationId };
}
