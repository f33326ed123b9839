import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { AppConfig } from '../../src/config/app-config';
import { settingsOf } from '../../src/config/setting.decorator';
import { type RenderedManifest, renderKustomization } from '../support/kustomize';

const KUBERNETES = 'config/deploy/kubernetes';
const OVERLAYS = ['embedded', 'snowflake'];
const known = new Set([...settingsOf(AppConfig).keys()].flatMap((name) => [name, `${name}_FILE`]));

interface Container {
  name: string;
  env?: { name: string; value: string }[];
  envFrom?: { configMapRef?: { name: string }; secretRef?: { name: string } }[];
  ports?: { name: string; containerPort: number }[];
  readinessProbe?: { httpGet?: { path: string; port: string } };
  livenessProbe?: { httpGet: { path: string; port: string } };
  resources: { requests: object; limits: { memory: string } };
  securityContext: { readOnlyRootFilesystem: boolean; allowPrivilegeEscalation: boolean };
}
interface Manifest {
  kind: string;
  metadata: { name: string };
  data?: unknown;
  spec: {
    selector?: { matchLabels?: Record<string, string> } & Record<string, unknown>;
    template: {
      metadata: { labels: Record<string, string> };
      spec: {
        containers: Container[];
        securityContext: { runAsNonRoot: boolean };
        terminationGracePeriodSeconds?: number;
      };
    };
    scaleTargetRef?: { name: string };
    target?: { name: string };
    data?: { secretKey: string }[];
  };
}

const read = (folder: string): Manifest[] =>
  readdirSync(folder)
    .filter((file) => file !== 'kustomization.yaml')
    .flatMap((file) => parseAllDocuments(readFileSync(join(folder, file), 'utf8')))
    .map((document) => document.toJS() as Manifest);

function dockerfile(): { stages: string[][]; last: string[] } {
  const lines = readFileSync('Dockerfile', 'utf8')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const stages: string[][] = [];
  for (const line of lines) {
    if (line.startsWith('FROM ')) stages.push([]);
    stages.at(-1)?.push(line);
  }
  return { stages, last: stages.at(-1) ?? [] };
}

/** No image is built here: these are the rules, read from the text. */
describe('the rules of the Dockerfile', () => {
  const { stages, last } = dockerfile();

  it('several stages, each from a Node whose version is pinned', () => {
    expect(stages.length).toBeGreaterThan(1);
    for (const [from] of stages) expect(from).toMatch(/^FROM node:24\.\d+\.\d+-\w+-slim( AS \w+)?$/);
  });

  it('runs as a numbered user who is not root, and starts the service itself', () => {
    expect(last.find((line) => line.startsWith('USER '))).toMatch(/^USER [1-9]\d*:[1-9]\d*$/);
    expect(last.at(-1)).toBe('CMD ["node", "dist/main.js"]');
    expect(last.some((line) => line.startsWith('HEALTHCHECK '))).toBe(true);
  });

  it('holds production dependencies, the build and config/, and neither sources nor tests', () => {
    const copies = last.filter((line) => line.startsWith('COPY '));
    expect(copies).toEqual([
      'COPY package.json ./',
      'COPY --from=dependencies /app/node_modules ./node_modules',
      'COPY --from=build /app/dist ./dist',
      'COPY config ./config',
    ]);
    expect(stages[1]?.join('\n')).toContain('npm ci --omit=dev');
    expect(readFileSync('.dockerignore', 'utf8').split('\n')).toEqual(expect.arrayContaining(['*', '!src']));
  });
});

describe('the rules of compose.yaml', () => {
  const { services } = parse(readFileSync('config/deploy/compose.yaml', 'utf8'), { merge: true }) as {
    services: Record<string, Record<string, unknown>>;
  };
  const environmentOf = (name: string) => services[name]?.environment as Record<string, string>;

  it('by default one service with its volume and a Redis that keeps everything', () => {
    const byDefault = Object.keys(services).filter((name) => services[name]?.profiles === undefined);
    expect(byDefault).toEqual(['tributary', 'redis']);
    expect(environmentOf('tributary')).toMatchObject({ ROLE: 'all', WAREHOUSE: 'duckdb' });
    expect((services.redis?.command as string[]).join(' ')).toContain(
      '--appendonly yes --appendfsync always --maxmemory-policy noeviction',
    );
  });

  it('names only variables that exist, pins images, and gives ours a read-only root', () => {
    for (const [name, service] of Object.entries(services)) {
      expect([name, service.image]).toEqual([name, expect.stringMatching(/:(v?\d+\.\d+|local)/) as string]);
      if (service.build === undefined) continue;
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
      expect(Object.keys(environmentOf(name)).filter((variable) => !known.has(variable))).toEqual([]);
    }
  });
});

describe.each(OVERLAYS)('the manifests of Kubernetes, overlay %s', (overlay) => {
  const folder = join(KUBERNETES, 'overlays', overlay);
  const manifests = [...read(join(KUBERNETES, 'base')), ...read(folder)];
  const workloads = manifests.filter(({ kind }) => ['Deployment', 'StatefulSet', 'Job'].includes(kind));
  const ours = workloads.filter(({ metadata }) => metadata.name !== 'tributary-redis');

  it('each workload is not root, has a read-only root, requests and a limit of memory', () => {
    expect(ours.length).toBeGreaterThan(0);
    for (const { spec } of workloads) {
      expect(spec.template.spec.securityContext.runAsNonRoot).toBe(true);
      for (const { securityContext, resources } of spec.template.spec.containers) {
        expect(securityContext).toMatchObject({
          readOnlyRootFilesystem: true,
          allowPrivilegeEscalation: false,
        });
        expect(resources).toMatchObject({
          requests: expect.anything() as object,
          limits: { memory: expect.stringMatching(/Mi|Gi/) as string },
        });
      }
    }
  });

  it('probes lead to the named port, and a pod is not killed while it drains', () => {
    for (const { spec, kind } of ours.filter((workload) => workload.kind !== 'Job')) {
      const [container] = spec.template.spec.containers;
      expect([kind, container?.ports]).toEqual([kind, [{ name: 'http', containerPort: 3000 }]]);
      expect(container?.readinessProbe?.httpGet).toEqual({ path: '/health/ready', port: 'http' });
      expect(container?.livenessProbe?.httpGet).toEqual({ path: '/health/live', port: 'http' });
      // SHUTDOWN_DELAY_SECONDS (10 there) and SHUTDOWN_TIMEOUT_SECONDS (30) fit in.
      expect(spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(
        10 + new AppConfig().SHUTDOWN_TIMEOUT_SECONDS,
      );
    }
  });

  it('selectors find the pods, and what scales names a workload', () => {
    const names = workloads.map(({ metadata }) => metadata.name);
    for (const { spec } of workloads.filter(({ kind }) => kind !== 'Job')) {
      expect(spec.template.metadata.labels).toMatchObject(spec.selector?.matchLabels ?? {});
    }
    for (const { spec } of manifests.filter((manifest) => manifest.spec?.scaleTargetRef)) {
      expect(names).toContain(spec.scaleTargetRef?.name);
    }
    const frontDoor = (manifests.find(
      ({ kind, metadata }) => kind === 'Service' && metadata.name === 'tributary',
    )?.spec.selector ?? {}) as Record<string, string>;
    expect(
      ours.filter(({ spec }) =>
        Object.entries(frontDoor).every(([label, value]) => spec.template.metadata.labels[label] === value),
      ),
    ).toHaveLength(1);
  });

  it('names only variables that exist, in workloads, config map and secrets', () => {
    const kustomizations = [join(KUBERNETES, 'base'), folder].map(
      (path) =>
        parse(readFileSync(join(path, 'kustomization.yaml'), 'utf8')) as {
          configMapGenerator?: { literals: string[] }[];
        },
    );
    const literals = kustomizations
      .flatMap(({ configMapGenerator = [] }) => configMapGenerator.flatMap((generator) => generator.literals))
      .map((literal) => literal.split('=')[0] ?? '');
    const env = ours.flatMap(({ spec }) => spec.template.spec.containers.flatMap((one) => one.env ?? []));
    const secrets = manifests
      .filter(({ kind }) => kind === 'ExternalSecret')
      .flatMap(({ spec }) => (spec.data ?? []).map(({ secretKey }) => secretKey));
    const names = [...literals, ...env.map(({ name }) => name), ...secrets];
    expect(names.length).toBeGreaterThan(5);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });

  const tool = [['kustomize', 'build'] as const, ['kubectl', 'kustomize'] as const].find(
    ([name, command]) => spawnSync(name, [command, '--help']).status === 0,
  );
  (tool ? it : it.skip)(
    'is rendered by kustomize as by these tests (skipped where neither it nor kubectl is installed)',
    () => {
      const [name, command] = tool ?? ['', ''];
      const { status, stderr, stdout } = spawnSync(name, [command, folder], { encoding: 'utf8' });
      expect([status, stderr]).toEqual([0, '']);
      // The hash of a config map is the one thing that is left out here.
      const unhashed = stdout.replace(/\btributary-[a-z0-9]{10}$/gm, 'tributary');
      const theirs = parseAllDocuments(unhashed).map((document) => document.toJS() as RenderedManifest);
      const inOrder = (all: RenderedManifest[]) =>
        all.map((one) => [`${one.kind} ${one.metadata.name}`, one]).sort();
      expect(inOrder(renderKustomization(folder))).toEqual(inOrder(theirs));
    },
  );
});

/** What is wrong by the schemas of Kubernetes, KEDA, Prometheus' operator and External Secrets. */
describe('the rendered manifests and the schemas', () => {
  const container = (values: object) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'wrong' },
    spec: { selector: {}, template: { spec: { containers: [values] } } },
  });
  const scaled = {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: { name: 'wrong' },
    spec: { scaleTargetRef: { name: 'tributary' }, minReplicaCount: 'two', triggers: [] },
  };
  const wrong = [
    container({ image: 'tributary' }),
    container({ name: 'tributary', imagePullPolice: 'Always' }),
    scaled,
  ];
  let problems: string[];
  beforeAll(() => {
    const rendered = OVERLAYS.flatMap((overlay) =>
      renderKustomization(join(KUBERNETES, 'overlays', overlay)),
    );
    const { stdout, stderr } = spawnSync('node', ['config/tooling/kubernetes-schemas.mjs'], {
      input: JSON.stringify([...rendered, ...wrong]),
      encoding: 'utf8',
    });
    if (stdout === '') throw new Error(stderr);
    problems = JSON.parse(stdout) as string[];
  });

  it('find nothing wrong with either overlay', () => {
    expect(problems.filter((problem) => !/^\w+ wrong: /.test(problem))).toEqual([]);
  });

  it.each([
    ['what is missing', /required property name/],
    ['a wrong type', /minReplicaCount must be integer/],
    ['what no schema knows', /imagePullPolice/],
  ])('would find %s', (_what, message) => {
    expect(problems).toContainEqual(expect.stringMatching(message));
  });
});
