import { IsString, Matches, MaxLength } from 'class-validator';
import { ADDRESS, LONGEST_ADDRESS } from '../contracts/mention.js';

/** Body of `POST /admin/erasures`. */
export class ErasureRequest {
  @IsString()
  @MaxLength(LONGEST_ADDRESS)
  @Matches(ADDRESS, { message: 'email must be an e-mail address' })
  email: string = '';
}
