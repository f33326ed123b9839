import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Transporter } from 'nodemailer';
import { AppError } from '../../contracts/errors.js';
import type { Notification } from '../../contracts/notification.js';
import type { AlertSender, TargetOf } from './alert-sender.js';
import { alertText } from './alert-text.js';

const TIMEOUTS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 };

/** Sends alerts by e-mail. The Message-ID is the message's, so that a repeat can be recognised. */
@Injectable()
export class SmtpSender implements AlertSender<'smtp'>, OnApplicationShutdown {
  private readonly transports = new Map<string, Promise<Transporter>>();

  async send({ name, server, from, to }: TargetOf<'smtp'>, notification: Notification): Promise<void> {
    const { title, summary, lines, url } = alertText(notification);
    const text = [summary, ...lines.map((line) => `- ${line}`), ...(url === null ? [] : [url])].join('\n');
    try {
      const transport = await this.transport(name, server);
      await transport.sendMail({
        from,
        to: [...to],
        subject: title,
        text: `${text}\n`,
        messageId: `<${notification.id}.${name}@tributary>`,
        headers: { 'x-tributary-notification': notification.id, 'auto-submitted': 'auto-generated' },
      });
    } catch (error) {
      throw toAlertError(error);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    for (const transport of this.transports.values()) (await transport).close();
  }

  private transport(name: string, server: string): Promise<Transporter> {
    const known = this.transports.get(name);
    if (known !== undefined) return known;
    const transport = transportTo(server);
    this.transports.set(name, transport);
    return transport;
  }
}

/** The library is loaded with the first mail: most processes send none, and it takes memory. */
async function transportTo(url: string): Promise<Transporter> {
  const { createTransport } = await import('nodemailer');
  return createTransport({ url, ...TIMEOUTS, disableFileAccess: true, disableUrlAccess: true });
}

/** 5xx is the server's last word (RFC 5321 §4.2.1), everything else may pass. Its text may quote addresses. */
function toAlertError(error: unknown): AppError {
  const { responseCode, code = 'unknown' } = error as { responseCode?: number; code?: string };
  const answer = responseCode === undefined ? code : `${code} ${responseCode}`;
  const isFinal = responseCode !== undefined && responseCode >= 500 && code !== 'EAUTH';
  return isFinal
    ? new AppError('ALERT.REFUSED', `the mail server refused (${answer})`)
    : new AppError('ALERT.FAILED', `the mail server did not take it (${answer})`, 'backoff');
}
