import { ArrayNotEmpty, IsArray, IsBoolean, IsIn, IsOptional, Matches } from 'class-validator';

const OPERATIONS = ['create', 'edit', 'delete', 'all'] as const;
type Operation = (typeof OPERATIONS)[number];

/** Body of `POST /admin/zoho/channels`; without operations all of them. */
export class RegisterChannelRequest {
  @Matches(/^\w{1,64}$/, { message: 'module must be the API name of a module' })
  module!: string;

  @IsOptional()
  @IsArray()
  @ArrayNotEmpty()
  @IsIn(OPERATIONS, { each: true })
  operations?: Operation[];
}

/** Body of `PATCH /admin/zoho/channels/{id}`. */
export class ChangeChannelRequest {
  @IsOptional()
  @IsArray()
  @ArrayNotEmpty()
  @IsIn(OPERATIONS, { each: true })
  operations?: Operation[];

  @IsOptional()
  @IsBoolean()
  isEnabled?: boolean;
}
