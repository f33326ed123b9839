import {
  createHash,
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signBytes,
} from 'node:crypto';

export type TokenAlgorithm = 'RS256' | 'HS256' | 'none';

export interface SignRequest {
  /** The claim `webhook_url`: the address as somebody typed it into Gong's rule. */
  readonly url: string;
  readonly body: Buffer;
  readonly expiresInSeconds?: number;
  /** RS256: a private key. HS256: the shared secret. Default: the signer's own private key. */
  readonly key?: KeyObject | string;
  readonly alg?: TokenAlgorithm;
}

type Signed = Pick<SignRequest, 'url' | 'body'>;

/** Gong does not document how long its tokens live; five minutes is enough for a queue at the sender. */
const DEFAULT_LIFETIME_SECONDS = 300;

/**
 * Signs webhooks as Gong's "Signed JWT header" mode does: RS256 over the claims `webhook_url`, `body_sha256`
 * (lower-case hex of the raw bytes) and `exp`; no iat, iss, jti or kid
 * (Gong help: "Prepare your receiving application to receive a webhook: JWT header", read 2026-01).
 * Makes wrong tokens too, for everything a receiver must refuse.
 */
export class GongSigner {
  private static sharedSigner: GongSigner | undefined;
  private static sharedImpostor: GongSigner | undefined;
  private readonly publicKey: KeyObject;

  constructor(private readonly privateKey: KeyObject = newPrivateKey()) {
    this.publicKey = createPublicKey(privateKey);
  }

  /** One key pair for the whole process: making one takes a tenth of a second. */
  static shared(): GongSigner {
    return (GongSigner.sharedSigner ??= new GongSigner());
  }

  /** Somebody else: a well-made key pair that no receiver knows. */
  static impostor(): GongSigner {
    return (GongSigner.sharedImpostor ??= new GongSigner());
  }

  /** Base64 of the SPKI DER without PEM lines, as Gong's rule page shows the key ("Show public key"). */
  get publicKeyBase64(): string {
    return this.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  }

  get publicKeyPem(): string {
    return this.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  }

  get privateKeyPem(): string {
    return this.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  }

  /** The bare token for the `Authorization` header. */
  sign(request: SignRequest): string {
    const { url, body, expiresInSeconds = DEFAULT_LIFETIME_SECONDS, key = this.privateKey } = request;
    const alg = request.alg ?? 'RS256';
    const claims = {
      webhook_url: url,
      body_sha256: createHash('sha256').update(body).digest('hex'),
      exp: Math.floor(Date.now() / 1000) + expiresInSeconds,
    };
    const signingInput = `${base64Url({ alg })}.${base64Url(claims)}`;
    return `${signingInput}.${signatureOf(signingInput, alg, key)}`;
  }

  /** Right in everything but the time. */
  expired(signed: Signed): string {
    return this.sign({ ...signed, expiresInSeconds: -60 });
  }

  /** Right in everything but who signed. */
  byOtherKey(signed: Signed): string {
    return GongSigner.impostor().sign(signed);
  }

  /** Genuine, but made for the rule of another receiver. */
  forOtherUrl(signed: Signed): string {
    return this.sign({ ...signed, url: 'https://hooks.elsewhere.example/webhook/gong/calls' });
  }

  /** Genuine, but made for other bytes. */
  forOtherBody(signed: Signed): string {
    return this.sign({ ...signed, body: Buffer.concat([signed.body, Buffer.from(' ')]) });
  }

  /** The claims are right and the signature is made up. */
  forged(signed: Signed): string {
    const [header, claims] = this.sign(signed).split('.');
    return `${header}.${claims}.${Buffer.alloc(256, 0x5a).toString('base64url')}`;
  }

  /** The oldest trick: `alg` none and no signature (RFC 8725, section 2.1). */
  unsigned(signed: Signed): string {
    return this.sign({ ...signed, alg: 'none' });
  }

  /** Algorithm confusion: HS256 with the public key, which everybody may know, as secret (RFC 8725, 2.1). */
  hmacWithPublicKey(signed: Signed): string {
    return this.sign({ ...signed, alg: 'HS256', key: this.publicKeyPem });
  }
}

function newPrivateKey(): KeyObject {
  return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
}

function base64Url(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

function signatureOf(signingInput: string, alg: TokenAlgorithm, key: KeyObject | string): string {
  if (alg === 'none') return '';
  if (alg === 'HS256') return createHmac('sha256', key).update(signingInput).digest('base64url');
  return signBytes('sha256', Buffer.from(signingInput), key).toString('base64url');
}
