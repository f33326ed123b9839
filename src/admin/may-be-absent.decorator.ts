import { ValidateIf } from 'class-validator';

/**
 * A field that may be left out. Unlike `IsOptional` it does not take null, which would stand in the place of the
 * usual value: a limit of null would be none.
 */
export function MayBeAbsent(): PropertyDecorator {
  return ValidateIf((_object, value) => value !== undefined);
}
