import { IsString, MaxLength, MinLength } from 'class-validator';

/** Body of `POST /admin/session`. */
export class SessionRequest {
  @IsString()
  @MinLength(1)
  @MaxLength(1024)
  token: string = '';
}
