import { createPrivateKey, type KeyObject } from 'node:crypto';

/**
 * A private key from PEM (line breaks may be written as `\n`; encrypted with a passphrase or not) or from the
 * bare base64 of its PKCS#8 DER.
 * @throws when it is neither, or the passphrase does not open it.
 */
export function privateKeyFrom(text: string, passphrase?: string): KeyObject {
  const secret = passphrase === undefined ? {} : { passphrase };
  if (text.includes('-----BEGIN')) return createPrivateKey({ key: text.replaceAll('\\n', '\n'), ...secret });
  return createPrivateKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'pkcs8', ...secret });
}
