import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { validateSync } from 'class-validator';
import { AppError } from '../contracts/errors.js';
import type { JsonObject } from '../contracts/json.js';

interface BodyRequest {
  readonly body?: Buffer;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** Forms reach us as bytes too, and another site's page can send one without being asked for leave. */
const IS_JSON = /^application\/json *(;|$)/i;

/**
 * The body of an admin request as a checked object: `@JsonBody(ReplayRequest) body: ReplayRequest`. Bodies reach
 * us as bytes, because webhooks need them so.
 * @throws AppError `REQUEST.INVALID` naming the fields that are wrong, never their values;
 * `REQUEST.UNSUPPORTED_MEDIA_TYPE`, `PAYLOAD.NOT_JSON`.
 */
export const JsonBody = createParamDecorator((type: new () => object, context: ExecutionContext): object => {
  const { body, headers } = context.switchToHttp().getRequest<BodyRequest>();
  if (body === undefined || body.length === 0) return checked(type, {});
  if (!IS_JSON.test(headers['content-type'] ?? '')) {
    throw new AppError('REQUEST.UNSUPPORTED_MEDIA_TYPE', 'bodies are taken as application/json');
  }
  return checked(type, objectIn(body));
});

/**
 * The query of an admin request as a checked object; every field of it is text.
 * @throws AppError `REQUEST.INVALID`
 */
export const CheckedQuery = createParamDecorator(
  (type: new () => object, context: ExecutionContext): object => {
    const { query } = context.switchToHttp().getRequest<{ query?: JsonObject }>();
    return checked(type, query ?? {});
  },
);

function objectIn(body: Buffer): JsonObject {
  try {
    const parsed = JSON.parse(body.toString('utf8')) as unknown;
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as JsonObject;
  } catch (error) {
    throw new AppError('PAYLOAD.NOT_JSON', 'the body is not JSON', 'never', { cause: error });
  }
  throw new AppError('REQUEST.INVALID', 'the body must be an object');
}

/** @throws AppError `REQUEST.INVALID` for fields that are wrong or unknown. */
export function checked<T extends object>(type: new () => T, given: object): T {
  // Assigned, it would be no field but another prototype, without the checks of the class.
  if (Object.hasOwn(given, '__proto__')) throw new AppError('REQUEST.INVALID', '__proto__ is no field');
  const object = Object.assign(new type(), given);
  const problems = validateSync(object, {
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
  });
  if (problems.length === 0) return object;
  const texts = problems.flatMap(({ constraints }) => Object.values(constraints ?? {}));
  throw new AppError('REQUEST.INVALID', texts.join('; ') || 'a field is not as it should be');
}
