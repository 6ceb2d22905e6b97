import { spawnSync } from 'node:child_process';
import { capture } from './capture.mjs';
import { runStep, say, SetupError } from './progress.mjs';

/**
 * Debian packages that the build, the lab and the tests need. libdpdk-dev brings every poll-mode driver with it; node-gyp, which builds
 * better-sqlite3, is Python.
 */
export const debianPackages = [
  'libdpdk-dev',
  'pkg-config',
  'cmake',
  'g++',
  'make',
  'python3',
  'iproute2',
  'iputils-ping',
  'ethtool',
  'iperf3',
  'doctest-dev',
];
/**
 * Only the tests need these: for the lint, for the commands of the documentation, for the fuzz targets, for
 * counting instructions, for looking at the units, and an Open vSwitch, nftables and libvirt's schema (with xmllint) that judge.
 * python3-openvswitch is what its judge speaks to it by.
 */
export const testPackages = [
  'clang-format',
  'curl',
  'clang',
  'libclang-rt-dev',
  'valgrind',
  'openvswitch-switch',
  'python3-openvswitch',
  'nftables',
  'systemd',
  'libvirt0',
  'libxml2-utils',
];

/** The oldest DPDK that the data plane is written for. */
export const oldestDpdk = '22.11';

/**
 * The packages of `wanted` that dpkg does not have installed.
 * @param {readonly string[]} wanted
 * @param {string} statusLines of `dpkg-query -W -f '${db:Status-Status} ${Package}\n'`
 */
export function missingPackages(wanted, statusLines) {
  const installed = new Set(
    statusLines
      .split('\n')
      .filter((line) => line.startsWith('installed '))
      .map((line) => line.slice('installed '.length)),
  );
  return wanted.filter((name) => !installed.has(name));
}

/** @param {readonly string[]} names */
export const aptCommand = (names) => `sudo apt-get install --no-install-recommends ${names.join(' ')}`;

/**
 * Installs what is missing as root; otherwise says the command and stops.
 * @param {string} root of the checkout
 * @param {readonly string[]} wanted
 */
export async function ensurePackages(root, wanted) {
  const query = spawnSync('dpkg-query', ['-W', '-f', '${db:Status-Status} ${Package}\\n', ...wanted], { encoding: 'utf8' });
  if (query.error) {
    say('   this is not Debian or Ubuntu (no dpkg-query); assuming that these are there: ' + wanted.join(' '));
  } else {
    await installMissing(root, missingPackages(wanted, query.stdout));
  }
  checkDpdk();
}

/**
 * @param {string} root
 * @param {readonly string[]} missing
 */
async function installMissing(root, missing) {
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) {
    throw new SetupError(
      `These Debian packages are missing: ${missing.join(' ')}\nInstall them, then run this again:\n\n  ${aptCommand(missing)}\n`,
    );
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await runStep('updating the package lists', 'apt-get', ['update', '-q'], { cwd: root, env });
  const options = ['install', '-q', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120'];
  await runStep(`installing ${missing.join(' ')}`, 'apt-get', [...options, ...missing], { cwd: root, env });
}

/** @throws {SetupError} where pkg-config finds no DPDK, or one that is too old. */
function checkDpdk() {
  const version = capture('pkg-config', ['--modversion', 'libdpdk']);
  if (version === '') {
    throw new SetupError(
      `DPDK is not there: pkg-config finds no libdpdk. Debian and Ubuntu: ${aptCommand(['libdpdk-dev', 'pkg-config'])}`,
    );
  }
  if (!dpdkIsNewEnough(version)) {
    throw new SetupError(
      `DPDK ${version} is too old: ${oldestDpdk} or newer is needed. Debian 12 and later have it in libdpdk-dev.`,
    );
  }
}

/**
 * @param {string} version as pkg-config prints it, for example `22.11.11`
 * @param {string} [oldest]
 */
export function dpdkIsNewEnough(version, oldest = oldestDpdk) {
  const [year = 0, month = 0] = version.split('.').map(Number);
  const [oldestYear = 0, oldestMonth = 0] = oldest.split('.').map(Number);
  return year > oldestYear || (year === oldestYear && month >= oldestMonth);
}
