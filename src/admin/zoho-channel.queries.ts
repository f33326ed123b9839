import { ArrayNotEmpty, IsArray, IsBoolean, IsIn, Matches } from 'class-validator';
import { MayBeAbsent } from './may-be-absent.decorator.js';

const OPERATIONS = ['create', 'edit', 'delete', 'all'] as const;
type Operation = (typeof OPERATIONS)[number];

/** Body of `POST /admin/zoho/channels`; without operations all of them. */
export class RegisterChannelRequest {
  @Matches(/^\w{1,64}$/, { message: 'module must be the API name of a module' })
  module!: string;

  @MayBeAbsent()
  @IsArray()
  @ArrayNotEmpty()
  @IsIn(OPERATIONS, { each: true })
  operations?: Operation[];
}

/** Body of `PATCH /admin/zoho/channels/{id}`. */
export class ChangeChannelRequest {
  @MayBeAbsent()
  @IsArray()
  @ArrayNotEmpty()
  @IsIn(OPERATIONS, { each: true })
  operations?: Operation[];

  @MayBeAbsent()
  @IsBoolean()
  isEnabled?: boolean;
}
