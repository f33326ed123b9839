import tseslint from 'typescript-eslint';

const TEST_FILES = ['test/**/*.ts', 'src/**/*.spec.ts'];

/** Only these read the environment: everything else is given the validated AppConfig. */
const ENVIRONMENT_READERS = [
  'src/config/**/*.ts',
  'src/redis/embedded/*.ts',
  'src/main.ts',
  'src/migrate.ts',
];
const READ_IT_FROM_CONFIG = 'The environment is read once, by src/config: inject AppConfig.';

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/', 'data/', '**/*.js', '**/*.cjs', '**/*.mjs'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // Constructor injection reads the parameter's class at run time: `import type` would erase it.
      '@typescript-eslint/consistent-type-imports': 'off',
      // The methods of a port are asynchronous even where an implementation has nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' },
      ],
      curly: ['error', 'multi-line'],
      eqeqeq: 'error',
      'max-depth': ['error', 4],
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      complexity: ['error', 10],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: READ_IT_FROM_CONFIG },
      ],
      'no-restricted-imports': [
        'error',
        { name: 'node:process', message: READ_IT_FROM_CONFIG },
        { name: 'process', message: READ_IT_FROM_CONFIG },
      ],
    },
  },
  { files: ENVIRONMENT_READERS, rules: { 'no-restricted-properties': 'off' } },
  {
    files: TEST_FILES,
    rules: {
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-require-imports': 'off',
      'max-lines-per-function': 'off',
      'no-restricted-properties': 'off',
    },
  },
);
