import { availableParallelism } from 'node:os';
import { conformanceCounts, doctestCounts, tapCounts } from './counts.mjs';
import { SetupError } from './progress.mjs';

/**
 * @typedef {object} Suite
 * @property {string} name what `npm test -- NAME` selects
 * @property {string} title
 * @property {readonly (readonly string[])[]} [prepare] commands that have to succeed first; their time is not the tests'
 * @property {readonly string[]} command what runs the tests
 * @property {NodeJS.ProcessEnv} [env]
 * @property {(output: string) => import('./counts.mjs').Counts} [count] reads the report; without it the command is one test
 * @property {readonly Need[]} [needs] without these the suite is skipped
 */
/** @typedef {'root' | 'two cores'} Need */

const node = process.execPath;

/**
 * @param {string} directory
 * @param {number} [processes] test files at once; only those that touch neither cores nor hugepages can be several
 */
const ava = (directory, processes = 1) => ({
  command: [
    node,
    'node_modules/ava/entrypoints/cli.mjs',
    '--tap',
    '--concurrency',
    String(processes),
    `${directory}/**/*.test.ts`,
  ],
  count: tapCounts,
});

/**
 * @param {string} directory of the build
 * @param {readonly string[]} options of CMake
 */
const cmake = (directory, options) => [
  ['cmake', '-S', '.', '-B', directory, '-DVSWITCH_ADDON=OFF', ...options],
  ['cmake', '--build', directory, '--parallel', String(availableParallelism())],
];

/** The native benches are built with the tests, so that they stay buildable; one is what instructions are counted in. */
const nativeBuild = cmake('build/native-tests', ['-DVSWITCH_TESTS=ON', '-DVSWITCH_BENCH=ON']);

/** The tests and the fuzz targets have one data plane. */
const sanitizedBuild = cmake('build/sanitized', [
  '-DVSWITCH_TESTS=ON',
  '-DVSWITCH_FUZZ=ON',
  '-DCMAKE_CXX_COMPILER=clang++',
  '-DCMAKE_BUILD_TYPE=Debug',
]);

/** Every suite, the quick ones first. @type {readonly Suite[]} */
export const suites = [
  { name: 'types', title: 'types (tsc)', command: [node, 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'] },
  { name: 'lint', title: 'lint (eslint, prettier, clang-format)', command: ['npm', 'run', '--silent', 'lint'] },
  { name: 'unit', title: 'unit tests (AVA)', ...ava('test/unit', availableParallelism()) },
  {
    name: 'native',
    title: 'data plane (doctest)',
    prepare: nativeBuild,
    command: ['build/native-tests/test-native/native-tests'],
    count: doctestCounts,
  },
  {
    name: 'instructions',
    title: 'instructions per packet of the main paths, beside those written down (callgrind)',
    prepare: nativeBuild,
    command: [node, 'test/instructions/run.mjs', 'build/native-tests/bench-native/pipeline-bench'],
    count: tapCounts,
  },
  {
    name: 'native-asan',
    title: 'data plane with AddressSanitizer and UndefinedBehaviorSanitizer (doctest)',
    prepare: sanitizedBuild,
    command: ['build/sanitized/test-native/native-tests'],
    count: doctestCounts,
    env: { UBSAN_OPTIONS: 'print_stacktrace=1' },
  },
  { name: 'addon', title: 'addon (AVA)', ...ava('test/addon') },
  {
    name: 'conformance',
    title: 'conformance, by judges that others made',
    command: [node, '--import=tsx', 'test/conformance/run.ts'],
    count: conformanceCounts,
  },
  {
    name: 'fuzz',
    title: 'fuzz targets under AddressSanitizer and UndefinedBehaviorSanitizer, half a minute each (libFuzzer)',
    prepare: sanitizedBuild,
    command: [node, 'test/fuzz/run.mjs', '30'],
    count: tapCounts,
  },
  { name: 'e2e', title: 'end to end, in a lab of network namespaces (AVA)', ...ava('test/e2e'), needs: ['root'] },
  {
    name: 'sriov',
    title: 'on VFs of an emulated SR-IOV NIC, in a guest (QEMU)',
    command: [node, '--import=tsx', 'test/sriov/run.ts'],
    count: tapCounts,
  },
  {
    name: 'bench',
    title: 'the benchmark runs (its numbers mean nothing here)',
    command: [
      node,
      '--import=tsx',
      'bench/main.ts',
      'p2p',
      '--only',
      'ours',
      '--runs',
      '1',
      '--warm-up',
      '100',
      '--window',
      '200',
      '--json',
    ],
    needs: ['root', 'two cores'],
  },
];

/**
 * The suites that are asked for, in their own order.
 * @param {readonly string[]} names none: all
 * @throws {SetupError} for a name that is no suite's
 */
export function selectSuites(names) {
  const unknown = names.filter((name) => !suites.some((suite) => suite.name === name));
  if (unknown.length > 0) {
    throw new SetupError(`no such suite: ${unknown.join(', ')}; there are ${suites.map(({ name }) => name).join(', ')}`);
  }
  return names.length === 0 ? suites : suites.filter(({ name }) => names.includes(name));
}

/**
 * Why a suite cannot run here.
 * @param {Suite} suite
 * @param {{ uid: number, cores: number }} machine
 */
export function obstacle({ needs = [] }, { uid, cores }) {
  if (needs.includes('root') && uid !== 0) return 'it needs root (network namespaces): sudo npm test';
  if (needs.includes('two cores') && cores < 2) return 'it needs two cores, one for the polling thread';
  return undefined;
}
