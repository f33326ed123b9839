import { spawnSync } from 'node:child_process';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { transformSync } from '@swc/core';

const ROOT = resolve(__dirname, '../..');

/** The first example of the README in a language, literally; that of no language begins with the given text. */
export function readmeExample(language: 'ts' | 'python' | '', beginning = ''): string {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const blocks = [...readme.matchAll(/^```(\w*)\n(.*?)^```$/gms)];
  const found = blocks.find(([, name, code = '']) => name === language && code.startsWith(beginning))?.[2];
  if (found === undefined) throw new Error(`the README has no example in ${language} ${beginning}`);
  return found;
}

/** Makes the README's agent in TypeScript a program in a folder, from which it finds our packages. */
export function writeTypeScriptAgent(folder: string): void {
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'agent.mts'), readmeExample('ts'));
  const { code } = transformSync(readmeExample('ts'), {
    swcrc: false,
    module: { type: 'es6' },
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
  });
  writeFileSync(join(folder, 'agent.mjs'), code);
}

/** A Python that has the package redis: the first of the path, or the system's (Debian: python3-redis). */
export function pythonWithRedis(): string | undefined {
  return ['python3', '/usr/bin/python3'].find(
    (python) => spawnSync(python, ['-c', 'import redis']).status === 0,
  );
}
