import type { Notification } from '../../contracts/notification.js';

/** Parts of an alert for people, as plain text without line breaks. */
export interface AlertText {
  readonly title: string;
  readonly summary: string;
  /** Evidence, actions and steps, one a line. */
  readonly lines: readonly string[];
  readonly url: string | null;
}

const MAX_LINES = 8;
const MAX_LENGTH = 300;

export function alertText(notification: Notification): AlertText {
  const { priority, type, subject, insights, nextSteps, error, supersedes } = notification;
  const about = subject?.account?.name ?? subject?.title ?? notification.vendor;
  const again = supersedes === undefined ? '' : ' (update)';
  const lines = [
    ...(error === undefined ? [] : [`${error.code} at ${error.stage}: ${error.message}`]),
    ...insights.map(({ kind, subject: what, evidence }) => {
      const quote = evidence[0]?.quote;
      return `${kind.replace('_', ' ')}${what === undefined ? '' : ` ${what}`}${quote === undefined ? '' : `: "${quote}"`}`;
    }),
    ...nextSteps.map(({ text }) => `Next: ${text}`),
  ];
  return {
    title: oneLine(`${priority.toUpperCase()} ${type}${again}: ${about}`),
    summary: oneLine(notification.summary),
    lines: lines.slice(0, MAX_LINES).map(oneLine),
    url: subject?.url ?? null,
  };
}

/** What people said may hold anything; a header or a line of an alert holds one line. */
function oneLine(text: string): string {
  const line = text.replace(/\p{Cc}+/gu, ' ').trim();
  return line.length <= MAX_LENGTH ? line : `${line.slice(0, MAX_LENGTH - 1)}…`;
}
