import { Injectable } from '@nestjs/common';
import type { Notification } from '../../contracts/notification.js';
import { postAlert } from './alert-http.js';
import type { AlertSender, TargetOf } from './alert-sender.js';
import { alertText } from './alert-text.js';

/**
 * Posts to a Slack incoming webhook. Slack answers 4xx for what it will never take (400 invalid_payload, 403
 * action_prohibited, 404 channel_not_found, 410 channel_is_archived) and 429 with Retry-After beyond about one
 * message a second: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
@Injectable()
export class SlackSender implements AlertSender<'slack'> {
  async send({ url }: TargetOf<'slack'>, notification: Notification): Promise<void> {
    await postAlert(url, {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: slackText(notification) }),
      isFinal: (status) => status >= 400 && status < 500 && status !== 408 && status !== 429,
    });
  }
}

function slackText(notification: Notification): string {
  const { title, summary, lines, url } = alertText(notification);
  const link = url === null || !URL.canParse(url) ? [] : [`<${escaped(new URL(url).href)}|Open>`];
  return [
    `*${escaped(title)}*`,
    escaped(summary),
    ...lines.map((line) => `• ${escaped(line)}`),
    ...link,
  ].join('\n');
}

/** The three characters that mean something to Slack, so that a quote can neither link nor mention. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
