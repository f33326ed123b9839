import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from '../support/free-port.js';
import { ServiceProcess } from '../support/service.js';
import { waitFor } from '../support/wait-for.js';

const ROOT = resolve(__dirname, '../..');
const TIMEOUT_MS = 120_000;
const SECRET = 'a-shared-secret-of-at-least-32-characters';

interface Ended {
  readonly status: number | null;
  readonly output: string;
}

/** Runs a command of the README as the README has it, with nothing of Redis configured. */
function npm(args: readonly string[], environment: Record<string, string> = {}): Promise<Ended> {
  const { REDIS_URL: _url, REDIS_HOST: _host, ...rest } = process.env;
  return new Promise((done, failed) => {
    const child = spawn('npm', args, { cwd: ROOT, env: { ...rest, ...environment } });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    }
    child.on('error', failed);
    child.on('close', (status) => done({ status, output }));
  });
}

describe('the commands of the README', () => {
  it(
    'npm run demo -- --exit ends with status 0 and the table',
    async () => {
      const { status, output } = await npm(['run', 'demo', '--', '--exit']);
      expect({ status, output }).toMatchObject({ status: 0 });
      for (const line of [
        'accepted',
        'GONG_CALLS_ENHANCED',
        'sophia:gong:calls',
        'every accepted event has its rows and its message',
      ]) {
        expect(output).toContain(line);
      }
    },
    TIMEOUT_MS,
  );

  it(
    'npm run send makes a key, a service that was given it takes what is sent next',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'tributary-send-test-'));
      const port = await freePort();
      const url = `http://127.0.0.1:${port}/webhook/gong/calls`;
      const key = ['--key', join(folder, 'key.pem')];
      try {
        const { status, output } = await npm(['run', 'send', '--', 'gong', 'call', '--url', url]);
        expect(status).toBe(1);
        const publicKey = /GONG_WEBHOOK_PUBLIC_KEYS=(\S+)/.exec(output)?.[1] ?? '';
        const baseUrl = /WEBHOOK_BASE_URL=(\S+)/.exec(output)?.[1] ?? '';
        expect(baseUrl).toBe(`http://127.0.0.1:${port}`);

        const service = await ServiceProcess.create({
          GONG_WEBHOOK_PUBLIC_KEYS: publicKey,
          WEBHOOK_BASE_URL: baseUrl,
          WEBHOOK_SECRETS: SECRET,
          PORT: String(port),
        });
        service.launch();
        try {
          await waitFor('the service', async () => (await fetch(`http://127.0.0.1:${port}/health/ready`)).ok);
          const accepted = await npm(['run', 'send', '--', 'gong', 'call', '--url', url]);
          expect(accepted).toMatchObject({ status: 0 });
          expect(accepted.output).toMatch(/accepted[\s\S]*[0-9a-f]{64}/);
          const email = await npm([
            'run',
            'send',
            '--',
            'gong',
            'email',
            '--url',
            url.replace('calls', 'emails'),
          ]);
          expect(email).toMatchObject({ status: 0 });
          const zohoUrl = `http://127.0.0.1:${port}/webhooks/zoho`;
          const zoho = await npm([
            'run',
            'send',
            '--',
            'zoho',
            'Accounts',
            '--url',
            zohoUrl,
            '--key',
            SECRET,
          ]);
          expect(zoho).toMatchObject({ status: 0 });
          expect((await npm(['run', 'send', '--', 'zoho'])).status).toBe(2);
          expect((await npm(['run', 'send', '--', 'gong', 'call', '--url', url, ...key])).status).not.toBe(0);
        } finally {
          await service.dispose();
        }
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    TIMEOUT_MS,
  );
});
