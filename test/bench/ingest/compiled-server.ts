import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { transformSync } from '@swc/core';

/** Inside the project, so that what is compiled finds its packages; in nobody's way. */
const FOLDER = resolve(__dirname, '../../../node_modules/.cache/tributary-bench');

/**
 * Compiles a server of `servers/` to a plain program: a process that compiled itself would carry the compiler in
 * its memory, and memory is compared.
 * @returns the path of the program.
 */
export function compiledServer(file: string): string {
  const filename = join(__dirname, 'servers', file);
  const { code } = transformSync(readFileSync(filename, 'utf8'), {
    filename,
    swcrc: false,
    module: { type: 'commonjs' },
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
    },
  });
  mkdirSync(FOLDER, { recursive: true });
  const program = join(FOLDER, `${basename(file, '.ts')}.cjs`);
  writeFileSync(program, code);
  return program;
}
