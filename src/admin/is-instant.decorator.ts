import { buildMessage, ValidateBy } from 'class-validator';

const DATE = '\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])';
const TIME = '([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d{1,9})?)?';
const ZONE = '(Z|[+-]([01]\\d|2[0-3]):[0-5]\\d)';

/** A date, or a time with its zone, of ISO 8601: what everybody who is given it, SQL too, reads alike. */
const INSTANT = new RegExp(`^${DATE}(T${TIME}${ZONE})?$`);

/** A date (its first moment in UTC), or a time with its zone; never a day that no calendar has. */
export function IsInstant(): PropertyDecorator {
  return ValidateBy({
    name: 'isInstant',
    constraints: [INSTANT],
    validator: {
      validate: (value): boolean => typeof value === 'string' && INSTANT.test(value) && isRealDay(value),
      defaultMessage: buildMessage(
        (each) => `${each}$property must be a date, or a time with its zone, of ISO 8601`,
      ),
    },
  });
}

/** 30 February is read as 2 March by some and refused by others. */
function isRealDay(value: string): boolean {
  const day = value.slice(0, 10);
  const read = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(read.getTime()) && read.toISOString().slice(0, 10) === day;
}
