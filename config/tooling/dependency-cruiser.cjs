/** Who may import whom. Each rule says WHY in its comment, so that a red build teaches. */
const FEATURES =
  'gong|zoho|insights|warehouse|memory|notifications|reconciliation|dead-letters|erasure|health|admin|console';
const SHARED = '^src/(contracts|config|logging|metrics|redis|vendors|access|openapi)/';
const SPEC = '\\.spec\\.ts$';

/** An SDK that only these may import, tests apart. A package that is not installed has its bare name as path. */
const oneHome = (name, sdk, homes, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: '^src/', pathNot: [SPEC, ...homes] },
  to: { path: `(^|node_modules/)${sdk}(/|$)` },
});

const BETWEEN_FOLDERS = [
  {
    name: 'contracts-import-nothing',
    severity: 'error',
    comment: 'src/contracts is the language that all share: whoever it imported, everybody would depend on.',
    from: { path: '^src/contracts/' },
    to: { path: '^src/', pathNot: '^src/contracts/' },
  },
  {
    name: 'contracts-no-packages',
    severity: 'error',
    comment: 'Contracts outlive every SDK; only the decorators of Nest (and their metadata) are allowed in.',
    from: { path: '^src/contracts/', pathNot: SPEC },
    to: {
      dependencyTypes: ['npm', 'npm-dev', 'npm-peer', 'npm-optional', 'npm-no-pkg'],
      pathNot: 'node_modules/(@nestjs/core|reflect-metadata)/',
    },
  },
  {
    name: 'config-only-contracts',
    severity: 'error',
    comment: 'The configuration is read before anything else exists, so it can know nothing else.',
    from: { path: '^src/config/' },
    to: { path: '^src/', pathNot: '^src/(config|contracts)/' },
  },
  {
    name: 'ground-floor',
    severity: 'error',
    comment:
      'Logging, metrics, redis and vendors carry every feature: one that leaned on another could not be moved alone. A route may be described.',
    from: { path: '^src/(logging|metrics|redis|vendors)/' },
    to: {
      path: '^src/',
      pathNot: ['^src/$1/', '^src/(contracts|config)/', '^src/openapi/(documented\\.decorator|schema)\\.ts$'],
    },
  },
  {
    name: 'access-on-the-ground-floor',
    severity: 'error',
    comment:
      'Whoever guards a route with a token uses access, so it may know no feature; it counts failures in Redis.',
    from: { path: '^src/access/' },
    to: { path: '^src/', pathNot: ['^src/(access|contracts|config|redis)/'] },
  },
  {
    name: 'openapi-on-the-ground-floor',
    severity: 'error',
    comment:
      'Whoever has a route describes it with openapi, so it may know no feature; guards it reads from access.',
    from: { path: '^src/openapi/' },
    to: { path: '^src/', pathNot: ['^src/(openapi|access|contracts)/'] },
  },
  {
    name: 'feature-to-feature',
    severity: 'error',
    comment:
      'Features meet in a port of src/contracts and are wired by app.module.ts, so that each can be replaced alone.',
    from: { path: `^src/(${FEATURES})/` },
    to: { path: '^src/', pathNot: ['^src/$1/', SHARED] },
  },
  {
    name: 'pipeline-only-ports',
    severity: 'error',
    comment: 'The pipeline is the same for every vendor and warehouse: it knows ports, never an adapter.',
    from: { path: '^src/pipeline/' },
    to: { path: '^src/', pathNot: ['^src/pipeline/', SHARED] },
  },
  {
    name: 'intake-only-ports',
    severity: 'error',
    comment:
      'The front door accepts or refuses and queues; what happens afterwards, and to which vendor, is not its matter.',
    from: { path: '^src/intake/' },
    to: { path: '^src/', pathNot: ['^src/intake/', SHARED] },
  },
  {
    name: 'stages-are-independent',
    severity: 'error',
    comment: 'pipeline.flow.ts alone states the order: a stage that calls another would hide a second order.',
    from: { path: '^src/pipeline/stages/([^/]+)\\.stage\\.ts$' },
    to: { path: '^src/pipeline/stages/', pathNot: '^src/pipeline/stages/$1\\.' },
  },
  {
    name: 'rules-are-pure',
    severity: 'error',
    comment:
      'Insight rules, and the reading of text below them, are plain functions over contracts: no Nest, no I/O, no clock, so that replays give the same answer.',
    from: { path: '^src/insights/(rules|text)/', pathNot: SPEC },
    to: { pathNot: ['^src/insights/(rules|text)/', '^src/contracts/'] },
  },
];

const WIRING = [
  {
    name: 'wiring-only-in-app-module',
    severity: 'error',
    comment:
      'app.module.ts wires modules and does no work: besides *.module.ts it may see the configuration, and types.',
    from: { path: '^src/app\\.module\\.ts$' },
    to: { path: '^src/', pathNot: ['\\.module\\.ts$', '^src/config/'], dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'nobody-imports-the-app',
    severity: 'error',
    comment: 'Whoever imports the whole app makes a cycle of everything; only main.ts and tests start it.',
    from: { path: '^src/', pathNot: ['^src/main\\.ts$', SPEC] },
    to: { path: '^src/(app\\.module|main)\\.ts$' },
  },
];

const SDK_HOMES = [
  oneHome(
    'one-home-for-snowflake',
    'snowflake-sdk',
    ['^src/warehouse/snowflake/'],
    'The SDK is used behind the warehouse port, so that without Snowflake nothing else changes.',
  ),
  oneHome(
    'one-home-for-duckdb',
    '@duckdb',
    ['^src/warehouse/duckdb/'],
    'DuckDB is used behind the warehouse port, and its file belongs to one connection.',
  ),
  oneHome(
    'one-home-for-ioredis',
    'ioredis',
    ['^src/redis/'],
    'Connections with their deadlines are made in src/redis only; others inject RedisClient.',
  ),
  oneHome(
    'one-home-for-bull-board',
    '@bull-board',
    ['^src/admin/board/'],
    'Bull Board is one page of the desk, loaded when it is asked for, and only reads.',
  ),
  oneHome(
    'homes-of-bullmq',
    '(bullmq|@nestjs/bullmq)',
    [
      '^src/(pipeline|intake|warehouse|dead-letters|erasure|health|redis|notifications|reconciliation)/',
      '^src/app\\.module\\.ts$',
    ],
    'Only those who put work on a queue, take it off or watch it know that the queue is BullMQ.',
  ),
];

const TESTS = [
  {
    name: 'src-not-test',
    severity: 'error',
    comment: 'The image ships without test code, so nothing in it may need any.',
    from: { path: '^src/', pathNot: SPEC },
    to: { path: ['^test/', SPEC] },
  },
  {
    name: 'tests-from-outside',
    severity: 'error',
    comment:
      'These speak to the service as the world does: importing src they would agree with its mistakes.',
    from: { path: '^test/(e2e|faults|simulators|demo)/' },
    to: { path: '^src/' },
  },
];

const SHAPE = [
  {
    name: 'no-circular',
    severity: 'error',
    comment: 'In a cycle the order of loading, and of reading, is undefined.',
    from: {},
    to: { circular: true },
  },
  {
    name: 'no-orphans',
    severity: 'error',
    comment: 'A file that neither imports nor is imported is dead, or its registration was forgotten.',
    from: { orphan: true, pathNot: [SPEC, '\\.d\\.ts$', '^src/(main|migrate)\\.ts$'] },
    to: {},
  },
  {
    name: 'no-barrels',
    severity: 'error',
    comment:
      'An index.ts that re-exports its folder makes cycles and hides who uses what: import the file itself.',
    from: { path: '/index\\.ts$', pathNot: 'node_modules/' },
    to: {},
  },
];

module.exports = {
  forbidden: [...BETWEEN_FOLDERS, ...WIRING, ...SDK_HOMES, ...TESTS, ...SHAPE],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
  },
};
