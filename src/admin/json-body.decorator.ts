import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { validateSync } from 'class-validator';
import { AppError } from '../contracts/errors.js';
import type { JsonObject } from '../contracts/json.js';

/**
 * The body of an admin request as a checked object: `@JsonBody(ReplayRequest) body: ReplayRequest`. Bodies reach
 * us as bytes, because webhooks need them so.
 * @throws AppError `REQUEST.INVALID` naming the fields that are wrong, never their values.
 */
export const JsonBody = createParamDecorator((type: new () => object, context: ExecutionContext): object => {
  const { body } = context.switchToHttp().getRequest<{ body?: Buffer }>();
  return checked(type, body === undefined || body.length === 0 ? {} : objectIn(body));
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
