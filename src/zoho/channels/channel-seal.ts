import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import { AppError } from '../../contracts/errors.js';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Without it Node takes shorter tags too, which are easier to guess. */
const OPTIONS = { authTagLength: TAG_BYTES };

/** Seals the tokens of channels under SECRETS_KEY (AES-256-GCM): renewing a channel needs its token back. */
@Injectable()
export class ChannelSeal {
  constructor(private readonly config: AppConfig) {}

  get hasKey(): boolean {
    return this.config.SECRETS_KEY !== undefined;
  }

  /** @param bound what the sealed text belongs to: it opens nowhere else. */
  seal(text: string, bound: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.key(), nonce, OPTIONS).setAAD(Buffer.from(bound));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
  }

  /** @throws AppError `CHANNELS.NOT_CONFIGURED` where another key has sealed it, or it is not what was sealed. */
  open(sealed: string, bound: string): string {
    const key = this.key();
    const bytes = Buffer.from(sealed, 'base64');
    const nonce = bytes.subarray(0, NONCE_BYTES);
    try {
      const decipher = createDecipheriv(ALGORITHM, key, nonce, OPTIONS).setAAD(Buffer.from(bound));
      decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      const opened = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES));
      return Buffer.concat([opened, decipher.final()]).toString('utf8');
    } catch (cause) {
      const text = 'the token was sealed with another SECRETS_KEY: rotate it';
      throw new AppError('CHANNELS.NOT_CONFIGURED', text, 'never', { cause });
    }
  }

  private key(): Buffer {
    const { SECRETS_KEY: key } = this.config;
    if (key === undefined) throw new AppError('CHANNELS.NOT_CONFIGURED', 'channels need SECRETS_KEY');
    return Buffer.from(key, 'base64');
  }
}
