import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { capture } from './capture.mjs';
import { whenChanged } from './fingerprint.mjs';
import { runStep } from './progress.mjs';

const nativeInputs = ['CMakeLists.txt', 'native', 'package.json'];

/** What the compiled code depends on beside its sources. */
const toolVersions = () => [capture('pkg-config', ['--modversion', 'libdpdk']), process.arch];

/**
 * Builds the addon by CMake, incrementally.
 * @param {string} root
 */
export const ensureAddon = (root) =>
  whenChanged(root, { name: 'addon', inputs: nativeInputs, extra: toolVersions(), output: 'build/Release/vswitch.node' }, () => {
    const cmakeJs = join(root, 'node_modules', 'cmake-js', 'bin', 'cmake-js');
    const args = [cmakeJs, 'compile', '-O', 'build/cmake', '-p', String(availableParallelism())];
    return runStep('building the data plane and the addon (CMake)', process.execPath, args, { cwd: root });
  });

/**
 * Compiles TypeScript to dist/.
 * @param {string} root
 */
export const ensureDist = (root) =>
  whenChanged(
    root,
    {
      name: 'dist',
      inputs: ['src', 'tsconfig.json', 'tsconfig.build.json', 'package.json', 'package-lock.json'],
      output: 'dist/cli/main.js',
    },
    () => {
      const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
      return runStep('compiling TypeScript', process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root });
    },
  );
