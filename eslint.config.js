import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** What STYLE asks for and TypeScript itself does not check. */
const bans = [
  { selector: 'ExportDefaultDeclaration', message: 'Export by name: a default export is renamed by whoever imports it.' },
  {
    selector: 'TSEnumDeclaration',
    message: 'Use an `as const` list or a union of literals: an enum is code that types cannot erase.',
  },
];

export default defineConfig(
  { ignores: ['build/', 'dist/', 'coverage/', 'node_modules/', 'bench/results/'] },
  {
    files: ['**/*.ts', '**/*.js', '**/*.mjs'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'max-lines': ['error', { max: 300 }],
      'no-restricted-syntax': ['error', ...bans],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // Numbers and bigints print themselves as people expect.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true, ignoreVoidOperator: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' }],
      // Dependencies are handed in as objects of functions and taken apart by name.
      '@typescript-eslint/unbound-method': 'off',
      // `() => Promise` interfaces have implementations that need not wait; a fake needs neither body nor await.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-empty-function': 'off',
    },
  },
  {
    // Records are indexed by names from outside; noUncheckedIndexedAccess says what may be missing.
    files: ['test/**'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    // It imports the compiled program, which need not exist when types are checked.
    files: ['bin/**'],
    extends: [tseslint.configs.disableTypeChecked],
  },
  {
    // Tools that read a config file ask for its default export.
    files: ['**/*.config.js', '**/*.config.ts'],
    rules: { 'no-restricted-syntax': ['error', bans[1]] },
  },
);
