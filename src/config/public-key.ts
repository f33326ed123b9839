import { createPublicKey, type KeyObject } from 'node:crypto';

/**
 * An RSA public key from PEM (line breaks may be written as `\n`) or from the bare base64 of its SPKI DER.
 * @throws when it is neither.
 */
export function publicKeyFrom(text: string): KeyObject {
  if (text.includes('-----BEGIN')) return createPublicKey(text.replaceAll('\\n', '\n'));
  return createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' });
}
