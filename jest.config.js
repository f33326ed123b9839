const fs = require('node:fs');
const path = require('node:path');

// Packages that ship ES modules only (every @nestjs/* 12, jose, ...): Jest cannot require() them on
// Node < 24.9, so @swc/jest compiles them to CommonJS and caches the result. The list is read from the
// installed packages, because a hand-kept list misses their own dependencies.
const modulesFolder = path.join(__dirname, 'node_modules');

function isEsModule(name) {
  const manifest = path.join(modulesFolder, name, 'package.json');
  return fs.existsSync(manifest) && JSON.parse(fs.readFileSync(manifest, 'utf8')).type === 'module';
}

function installedPackages() {
  return fs.readdirSync(modulesFolder).flatMap((name) => {
    if (name.startsWith('.')) return [];
    if (!name.startsWith('@')) return [name];
    return fs.readdirSync(path.join(modulesFolder, name)).map((scoped) => `${name}/${scoped}`);
  });
}

const esModules = installedPackages()
  .filter(isEsModule)
  .map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));

function swc(parser, transform) {
  const jsc = { target: 'es2022', keepClassNames: true, parser, ...(transform && { transform }) };
  return ['@swc/jest', { swcrc: false, sourceMaps: 'inline', module: { type: 'commonjs' }, jsc }];
}

const base = {
  rootDir: __dirname,
  testEnvironment: 'node',
  moduleFileExtensions: ['ts', 'js', 'json'],
  transform: {
    '\\.ts$': swc(
      { syntax: 'typescript', decorators: true },
      { legacyDecorator: true, decoratorMetadata: true },
    ),
    '\\.m?js$': swc({ syntax: 'ecmascript' }),
  },
  transformIgnorePatterns: [`/node_modules/(?!(?:${esModules.join('|')})/)`],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
};

const suite = (displayName, testMatch, more = {}) => ({
  ...base,
  displayName,
  testMatch: [`<rootDir>/${testMatch}`],
  ...more,
});

/**
 * Most services of tests live for a few seconds: what V8 spends on optimizing their code is never earned back (of a
 * start and a stop it is 0.6 of 2.5 s of CPU). Faults and benchmarks, which are about load, go without.
 */
const SHORT_LIVED = { NODE_FLAGS: ['--no-opt'] };

/** Integration tests without `.fault.` in their name. */
const NO_FAULT = 'test/integration/(?!.*\\.fault\\.spec\\.ts$)';

module.exports = {
  coverageProvider: 'v8',
  collectCoverageFrom: ['src/**/*.ts', '!src/**/*.spec.ts'],
  // One more than the cores of the build machine: the tests of a service wait for it half of their time.
  maxWorkers: 3,
  testSequencer: '<rootDir>/config/tooling/longest-first.sequencer.cjs',
  testTimeout: 60_000,
  reporters: ['default', '<rootDir>/config/tooling/jest-totals-reporter.cjs'],
  projects: [
    suite('unit', 'src/**/*.spec.ts'),
    suite('architecture', 'test/architecture/**/*.spec.ts'),
    suite('integration', 'test/integration/**/*.spec.ts', {
      testPathIgnorePatterns: ['\\.fault\\.spec\\.ts$'],
      globals: SHORT_LIVED,
    }),
    suite('e2e', 'test/e2e/**/*.spec.ts', { globals: SHORT_LIVED }),
    // Those that kill or starve parts of the service live beside the tests of these parts.
    suite('faults', 'test/{faults,integration}/**/*.spec.ts', { testPathIgnorePatterns: [NO_FAULT] }),
  ],
};
