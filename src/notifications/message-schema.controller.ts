import { Controller, Get, Header } from '@nestjs/common';
import { PublicRoute } from '../contracts/public-route.js';
import { MESSAGE_SCHEMA } from './message-schema.js';
import { Documented } from '../openapi/documented.decorator.js';
import { MESSAGE_SCHEMA_API } from './message-schema.openapi.js';

/** `GET /docs/messages`: the JSON Schema of the messages on Redis. */
@Controller('docs')
@Documented(MESSAGE_SCHEMA_API)
export class MessageSchemaController {
  @Get('messages')
  @PublicRoute('documentation; says nothing that is not public')
  @Header('content-type', 'application/schema+json')
  schema(): Buffer {
    return Buffer.from(JSON.stringify(MESSAGE_SCHEMA, null, 2));
  }
}
