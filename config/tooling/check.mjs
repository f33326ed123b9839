// Everything that can be said about the code without starting the service, two checks at a time.
// Prints one line per check, and the whole output of those that failed.
import { spawn } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const AT_A_TIME = 2;

/** The longest first, so that the two lanes end at about the same time. */
const CHECKS = {
  tests: 'jest --selectProjects unit architecture',
  lint: 'eslint --max-warnings 0 src test',
  types: 'tsc --noEmit',
  format: 'prettier --check .',
  layers: 'depcruise --config config/tooling/dependency-cruiser.cjs src test',
};

async function runCheck(name, command) {
  const startedAt = Date.now();
  const [tool, ...args] = command.split(' ');
  const child = spawn(join(ROOT, 'node_modules/.bin', tool), args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(chunk));
  const isOk = await new Promise((settle) => {
    child.on('close', (code) => settle(code === 0));
    child.on('error', (error) => {
      output.push(Buffer.from(`${error.message}\n`));
      settle(false);
    });
  });
  const took = `${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
  console.log(`${name.padEnd(8)} ${isOk ? 'ok    ' : 'FAILED'} ${took.padStart(7)}`);
  return { name, command, isOk, output: Buffer.concat(output).toString() };
}

async function lane(queue, results) {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    results.push(await runCheck(...next));
  }
}

const queue = Object.entries(CHECKS);
const results = [];
await Promise.all(Array.from({ length: AT_A_TIME }, () => lane(queue, results)));

const failed = results.filter(({ isOk }) => !isOk);
for (const { name, command, output } of failed)
  console.log(`\n--- ${name}: npx ${command}\n${output.trimEnd()}`);
process.exitCode = failed.length > 0 ? 1 : 0;
