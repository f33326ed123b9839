import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import { AppError } from '../../contracts/errors.js';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

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
    const cipher = createCipheriv('aes-256-gcm', this.key(), nonce).setAAD(Buffer.from(bound));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
  }

  /** @throws AppError `CHANNELS.NOT_CONFIGURED` where another key has sealed it. */
  open(sealed: string, bound: string): string {
    const bytes = Buffer.from(sealed, 'base64');
    const nonce = bytes.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', this.key(), nonce).setAAD(Buffer.from(bound));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    try {
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
