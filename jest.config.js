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

/** Integration tests without `.fault.` in their name. */
const NO_FAULT = 'test/integration/(?!.*\\.fault\\.spec\\.ts$)';

module.exports = {
  coverageProvider: 'v8',
  collectCoverageFrom: ['src/**/*.ts', '!src/**/*.spec.ts'],
  maxWorkers: 2,
  testTimeout: 60_000,
  reporters: ['default', '<rootDir>/config/tooling/jest-totals-reporter.cjs'],
  projects: [
    suite('unit', 'src/**/*.spec.ts'),
    suite('architecture', 'test/architecture/**/*.spec.ts'),
    suite('integration', 'test/integration/**/*.spec.ts', {
      testPathIgnorePatterns: ['\\.fault\\.spec\\.ts$'],
    }),
    suite('e2e', 'test/e2e/**/*.spec.ts'),
    // Those that kill or starve parts of the service live beside the tests of these parts.
    suite('faults', 'test/{faults,integration}/**/*.spec.ts', { testPathIgnorePatterns: [NO_FAULT] }),
  ],
};
