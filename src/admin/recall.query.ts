import { IsString, Matches, MaxLength, MinLength } from 'class-validator';
import { MayBeAbsent } from './may-be-absent.decorator.js';

/** `?q=who wants a discount&limit=5` */
export class RecallQuery {
  @IsString()
  @MinLength(1)
  @MaxLength(1_000)
  q: string = '';

  @MayBeAbsent()
  @Matches(/^([1-9]|1\d|20)$/, { message: 'limit must be a number from 1 to 20' })
  limit?: string;
}
