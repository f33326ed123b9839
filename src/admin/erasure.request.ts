import { IsString, MaxLength } from 'class-validator';

/** As long as an address may be (RFC 3696, erratum 1690, and the quotes of older mail systems). */
const LONGEST = 320;

/** Body of `POST /admin/erasures`. */
export class ErasureRequest {
  @IsString()
  @MaxLength(LONGEST)
  email: string = '';
}
