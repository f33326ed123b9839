import {
  registerDecorator,
  ValidateBy,
  type ValidationArguments,
  type ValidationOptions,
} from 'class-validator';
import { publicKeyFrom } from './public-key.js';

/** A redis:// or rediss:// address. */
export function IsRedisUrl(options?: ValidationOptions): PropertyDecorator {
  const validate = (value: unknown) => {
    if (typeof value !== 'string' || !URL.canParse(value)) return false;
    return ['redis:', 'rediss:'].includes(new URL(value).protocol);
  };
  return ValidateBy(
    {
      name: 'isRedisUrl',
      validator: { validate, defaultMessage: () => 'must be a redis:// or rediss:// address' },
    },
    options,
  );
}

/** An RSA public key as PEM or as bare base64 of its SPKI DER, which is how Gong's rule page shows it. */
export function IsSpkiPublicKey(options?: ValidationOptions): PropertyDecorator {
  const validate = (value: unknown) => {
    try {
      return typeof value === 'string' && publicKeyFrom(value).asymmetricKeyType === 'rsa';
    } catch {
      // Not a key at all: that is the answer, and its text must not appear anywhere.
      return false;
    }
  };
  const defaultMessage = () => 'must list RSA public keys, each as PEM or base64 SPKI';
  return ValidateBy({ name: 'isSpkiPublicKey', validator: { validate, defaultMessage } }, options);
}

/** When `when` has values, at least one of `names` must have one too. */
export function NeedsAnyOf(names: readonly string[], when: string): PropertyDecorator {
  return (target, propertyName) => {
    registerDecorator({
      name: 'needsAnyOf',
      target: target.constructor,
      propertyName: String(propertyName),
      validator: {
        validate: (_value: unknown, context?: ValidationArguments) => {
          const config = (context?.object ?? {}) as Record<string, unknown>;
          return !isGiven(config[when]) || names.some((name) => isGiven(config[name]));
        },
        defaultMessage: () =>
          `${when} needs ${names.join(' or ')}, so that a token for another address is refused`,
      },
    });
  };
}

function isGiven(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== '';
}
