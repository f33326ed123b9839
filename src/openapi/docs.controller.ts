import { readFile } from 'node:fs/promises';
import { Controller, Get, Header, Param, Res } from '@nestjs/common';
import { AppError } from '../contracts/errors.js';
import { PublicRoute } from '../contracts/public-route.js';
import { DOCS_API } from './docs.openapi.js';
import { DOCS_PAGE, DOCS_POLICY, START_SCRIPT } from './docs.page.js';
import { Documented } from './documented.decorator.js';
import { OpenApiDocument } from './openapi-document.js';

interface HeaderReply {
  header(name: string, value: string): unknown;
}

const SCRIPT_TYPE = 'text/javascript; charset=utf-8';
const OF_PACKAGE = async (name: string) => readFile(require.resolve(`swagger-ui-dist/${name}`));

/** The files of the page; those of the package are read when they are asked for. */
const FILES: Readonly<Record<string, { type: string; read: () => Promise<Buffer> }>> = {
  'start.js': { type: SCRIPT_TYPE, read: async () => Buffer.from(START_SCRIPT) },
  'swagger-ui-bundle.js': { type: SCRIPT_TYPE, read: () => OF_PACKAGE('swagger-ui-bundle.js') },
  'swagger-ui.css': { type: 'text/css; charset=utf-8', read: () => OF_PACKAGE('swagger-ui.css') },
};

/** `GET /docs-json`: the OpenAPI document of this service. `GET /docs`: the same as a page for people. */
@Controller()
@Documented(DOCS_API)
export class DocsController {
  constructor(private readonly document: OpenApiDocument) {}

  @Get('docs')
  @PublicRoute('says what the source says, which everybody may read; trying a route needs its own credential')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', DOCS_POLICY)
  @Header('x-content-type-options', 'nosniff')
  page(): string {
    return DOCS_PAGE;
  }

  @Get('docs-json')
  @PublicRoute('names routes and fields of an open product, and nothing of this installation')
  @Header('content-type', 'application/json')
  json(): Buffer {
    return this.document.json();
  }

  @Get('docs/ui/:file')
  @PublicRoute('the scripts and styles of the page, as their package has them')
  @Header('x-content-type-options', 'nosniff')
  @Header('cache-control', 'public, max-age=3600')
  async file(@Param('file') name: string, @Res({ passthrough: true }) reply: HeaderReply): Promise<Buffer> {
    const file = Object.hasOwn(FILES, name) ? FILES[name] : undefined;
    if (file === undefined) throw new AppError('REQUEST.NOT_FOUND', 'there is no such file');
    reply.header('content-type', file.type);
    return file.read();
  }
}
