import { AppConfig } from './app-config.js';
import { settingsOf } from './setting.decorator.js';

/** The configuration for the log at start: every value but secrets, of which only whether they are set. */
export function configSummary(config: AppConfig): Record<string, unknown> {
  const values = config as unknown as Record<string, unknown>;
  return Object.fromEntries(
    [...settingsOf(AppConfig)].map(([name, { secret }]) => [
      name,
      secret ? (isGiven(values[name]) ? 'configured' : 'not set') : shown(values[name]),
    ]),
  );
}

function isGiven(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined;
}

/** Keys are public but long: their number says enough. */
function shown(value: unknown): unknown {
  if (Array.isArray(value) && value.some((item) => String(item).length > 200)) {
    return `${value.length} configured`;
  }
  return value ?? null;
}
