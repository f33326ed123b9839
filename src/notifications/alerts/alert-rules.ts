import type { AlertRule, AlertSettings, AlertTargetType } from '../../contracts/alert.js';
import type { Notification } from '../../contracts/notification.js';

/** Where one alert goes; the type decides its queue even for a process that does not know the name. */
export interface AlertAddress {
  readonly type: AlertTargetType;
  readonly name: string;
}

/** The targets that are to hear of a message, each once, however many rules say so. */
export function alertAddressesOf(
  { rules, targets }: AlertSettings,
  notification: Notification,
): AlertAddress[] {
  const applying = rules.filter((rule) => applies(rule, notification));
  const names = new Set(applying.flatMap((rule) => rule.targets));
  return targets.filter(({ name }) => names.has(name)).map(({ type, name }) => ({ type, name }));
}

function applies(rule: AlertRule, notification: Notification): boolean {
  return (
    rule.types.includes(notification.type) &&
    (rule.priorities === undefined || rule.priorities.includes(notification.priority)) &&
    (rule.accounts === undefined || isAbout(rule.accounts, notification)) &&
    ((rule.insights === undefined && rule.minScore === undefined) || hasInsight(rule, notification))
  );
}

function isAbout(accounts: readonly string[], { subject }: Notification): boolean {
  const account = subject?.account;
  if (account === undefined || account === null) return false;
  const name = account.name?.toLowerCase();
  return accounts.some((wanted) => wanted === account.id || wanted.toLowerCase() === name);
}

function hasInsight(
  { insights: kinds, minScore = 0 }: AlertRule,
  { insights, actions }: Notification,
): boolean {
  return [...insights, ...actions].some(
    ({ kind, score }) => score >= minScore && (kinds === undefined || kinds.includes(kind)),
  );
}
