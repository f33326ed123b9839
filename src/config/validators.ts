import { X509Certificate } from 'node:crypto';
import {
  registerDecorator,
  ValidateBy,
  type ValidationArguments,
  type ValidationOptions,
} from 'class-validator';
import { privateKeyFrom } from './private-key.js';
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

const LARGEST_PORT = 65_535;

/** `host:port`, or `[address]:port` of IPv6. */
export function IsHostAndPort(options?: ValidationOptions): PropertyDecorator {
  const validate = (value: unknown) => {
    const [, port] =
      typeof value === 'string' ? (/^(?:[\w.-]+|\[[\da-f:]+\]):(\d{1,5})$/i.exec(value) ?? []) : [];
    return port !== undefined && Number(port) >= 1 && Number(port) <= LARGEST_PORT;
  };
  return ValidateBy(
    { name: 'isHostAndPort', validator: { validate, defaultMessage: () => 'must list host:port' } },
    options,
  );
}

/** An X.509 certificate as PEM; of several the first is looked at. */
export function IsCertificate(): PropertyDecorator {
  const validate = (value: unknown) => {
    try {
      return new X509Certificate(String(value)).subject !== '';
    } catch {
      // Not a certificate: that is the answer.
      return false;
    }
  };
  const defaultMessage = () => 'must be a certificate in PEM form';
  return ValidateBy({ name: 'isCertificate', validator: { validate, defaultMessage } });
}

/** RFC 7518, section 3.3: RS256 needs a key of 2048 bits or more. */
const LEAST_RSA_BITS = 2048;

/** An RSA public key as PEM or as bare base64 of its SPKI DER, which is how Gong's rule page shows it. */
export function IsSpkiPublicKey(options?: ValidationOptions): PropertyDecorator {
  const validate = (value: unknown) => {
    try {
      const key = typeof value === 'string' ? publicKeyFrom(value) : undefined;
      const bits = key?.asymmetricKeyDetails?.modulusLength ?? 0;
      return key?.asymmetricKeyType === 'rsa' && bits >= LEAST_RSA_BITS;
    } catch {
      // Not a key at all: that is the answer, and its text must not appear anywhere.
      return false;
    }
  };
  const defaultMessage = () =>
    `must list RSA public keys of at least ${LEAST_RSA_BITS} bits, each as PEM or base64 SPKI`;
  return ValidateBy({ name: 'isSpkiPublicKey', validator: { validate, defaultMessage } }, options);
}

/** An RSA private key that can be read with the passphrase of the named variable, or without one. */
export function IsPrivateKey(passphraseName: string): PropertyDecorator {
  const validate = (value: unknown, context?: ValidationArguments) => {
    const passphrase = (context?.object as Record<string, unknown> | undefined)?.[passphraseName];
    try {
      const key = privateKeyFrom(String(value), typeof passphrase === 'string' ? passphrase : undefined);
      return key.asymmetricKeyType === 'rsa';
    } catch {
      // Not a key, or the wrong passphrase: that is the answer, and its text must not appear anywhere.
      return false;
    }
  };
  const defaultMessage = () =>
    `must be an RSA private key (PEM or the base64 of its DER) that ${passphraseName} opens, if it is encrypted`;
  return ValidateBy({ name: 'isPrivateKey', validator: { validate, defaultMessage } });
}

/** The least length of a secret: shorter ones can be guessed. */
const LEAST_SECRET_LENGTH = 32;

/** A secret that cannot be guessed. */
export function IsSecret(options?: ValidationOptions): PropertyDecorator {
  const validate = (value: unknown) => typeof value === 'string' && value.length >= LEAST_SECRET_LENGTH;
  const defaultMessage = () => `must be secrets of at least ${LEAST_SECRET_LENGTH} characters`;
  return ValidateBy({ name: 'isSecret', validator: { validate, defaultMessage } }, options);
}

/** A key of AES-256. */
export function IsSealingKey(): PropertyDecorator {
  const validate = (value: unknown) =>
    typeof value === 'string' &&
    /^[A-Za-z0-9+/]+={0,2}$/.test(value) &&
    Buffer.from(value, 'base64').length === 32;
  const defaultMessage = () => 'must be 32 bytes in base64';
  return ValidateBy({ name: 'isSealingKey', validator: { validate, defaultMessage } });
}

/** `name:token`; the name is what the audit log shows. */
export function IsNamedToken(options?: ValidationOptions): PropertyDecorator {
  const validate = (value: unknown) => {
    const [, token] = typeof value === 'string' ? (/^[\w.@-]{1,64}:(\S+)$/.exec(value) ?? []) : [];
    return token !== undefined && token.length >= LEAST_SECRET_LENGTH;
  };
  const defaultMessage = () =>
    `must list name:token with tokens of at least ${LEAST_SECRET_LENGTH} characters`;
  return ValidateBy({ name: 'isNamedToken', validator: { validate, defaultMessage } }, options);
}

/** `channel:token`; Zoho refuses tokens of more than 50 characters. */
export function IsChannelToken(options?: ValidationOptions): PropertyDecorator {
  const validate = (value: unknown) => {
    const [, token] = typeof value === 'string' ? (/^\d{1,19}:(.+)$/.exec(value) ?? []) : [];
    return token !== undefined && token.length >= LEAST_SECRET_LENGTH && token.length <= 50;
  };
  const defaultMessage = () =>
    `must list channel:token with tokens of ${LEAST_SECRET_LENGTH} to 50 characters`;
  return ValidateBy({ name: 'isChannelToken', validator: { validate, defaultMessage } }, options);
}

/** When any of `when` has values, at least one of `names` must have one too. */
export function NeedsAnyOf(names: readonly string[], when: readonly string[]): PropertyDecorator {
  return (target, propertyName) => {
    registerDecorator({
      name: 'needsAnyOf',
      target: target.constructor,
      propertyName: String(propertyName),
      validator: {
        validate: (_value: unknown, context?: ValidationArguments) => {
          const config = (context?.object ?? {}) as Record<string, unknown>;
          return !when.some((name) => isGiven(config[name])) || names.some((name) => isGiven(config[name]));
        },
        defaultMessage: () =>
          `${when.join(' and ')} need ${names.join(' or ')}, so that a token for another address is refused`,
      },
    });
  };
}

function isGiven(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== '';
}
