import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedis } from '../support/redis-server.js';
import { ServiceProcess } from '../support/service.js';

const slowly = process.env.IMAGE_STEPS === undefined ? it.skip : it;

/** The steps of the Dockerfile in empty folders, without an engine: `IMAGE_STEPS=1`, because npm installs twice. */
describe('the steps of the Dockerfile', () => {
  slowly(
    'installed, built and started with production dependencies only, it is ready and ends cleanly',
    async () => {
      const build = mkdtempSync(join(tmpdir(), 'tributary-image-build-'));
      const image = mkdtempSync(join(tmpdir(), 'tributary-image-'));
      const run = (folder: string, command: string) => {
        const { status, stderr } = spawnSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8' });
        expect([command, status, status === 0 ? '' : stderr]).toEqual([command, 0, '']);
      };
      const redis = await startRedis();
      try {
        const stage = (index: number) =>
          commandsOf(index).forEach((command) => run(folders[index] ?? '', command));
        const folders = [build, image];
        for (const file of ['package.json', 'package-lock.json']) {
          for (const folder of folders) cpSync(file, join(folder, file));
        }
        for (const file of ['nest-cli.json', 'tsconfig.json', 'tsconfig.build.json', 'src']) {
          cpSync(file, join(build, file), { recursive: true, filter: (path) => !path.endsWith('.spec.ts') });
        }
        stage(0);
        stage(1);
        cpSync(join(build, 'dist'), join(image, 'dist'), { recursive: true });
        cpSync('config', join(image, 'config'), {
          recursive: true,
          filter: (path) => !path.startsWith('config/tooling'),
        });
        const service = await ServiceProcess.create(
          { REDIS_URL: redis.url, NODE_ENV: 'production', INSIGHT_RULES_DIR: join(image, 'config/insights') },
          [join(image, 'dist/main.js')],
        );
        try {
          await service.start();
          expect((await fetch(`${service.url}/health`)).status).toBe(200);
          expect(await service.terminate()).toBe(0);
        } finally {
          await service.dispose();
        }
      } finally {
        await redis.stop();
        for (const folder of [build, image]) rmSync(folder, { recursive: true, force: true });
      }
    },
    600_000,
  );
});

/** What a stage of the Dockerfile runs. */
function commandsOf(stage: number): string[] {
  const [, ...stages] = readFileSync('Dockerfile', 'utf8').split(/^FROM .*$/m);
  return [...(stages[stage] ?? '').matchAll(/^RUN (.+)$/gm)].map(([, command]) => command ?? '');
}
