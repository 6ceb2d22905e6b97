import { execFile, spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../../support/source-tree.js';
import { Apt, Unavailable } from './apt.js';
import { inLoadOrder } from './kernel-modules.js';

const run = promisify(execFile);

/** Everything that the suite keeps: what it downloaded, and the logs of its last run. */
export const cacheFolder = join(root, 'build/sriov');
const ready = join(cacheFolder, 'ready');
/** A shell and small programs, without libraries. */
export const busybox = join(ready, 'packages/bin/busybox');

/** What boots the guest. */
export interface Machine {
  /** Packages unpacked: QEMU, its libraries and its firmware. */
  readonly packages: string;
  readonly kernel: string;
  readonly initrd: string;
}

/** Debian 12's own QEMU has no igb. */
const release = 'bookworm';
const packages = ['qemu-system-x86', 'qemu-system-data', 'seabios', 'busybox-static', 'cpio'];
/** That of virtual machines, linux-image-cloud-amd64, has neither igb nor 9p. */
const kernelPackage = 'linux-image-amd64';

// prettier-ignore
const modules = [
  'virtio_pci', 'virtio_console', 'virtio_net', '9pnet_virtio', '9p', 'overlay',
  'igb', 'igbvf', 'vfio_iommu_type1', 'vfio-pci',
];

/**
 * The machine's parts, from the cache folder or, the first time, from the system's package mirror; unpacked aside, so that what is
 * installed stays as it is.
 * @throws Unavailable where they cannot be had
 */
export async function machine(say: (line: string) => void): Promise<Machine> {
  const parts = { packages: join(ready, 'packages'), kernel: join(ready, 'vmlinuz'), initrd: join(ready, 'initrd') };
  if (!existsSync(ready)) {
    say('filling build/sriov: QEMU and a kernel, 90 MB to download, once');
    await fill();
  }
  // A part of the checkout, which may have changed since.
  await makeInitrd(parts.initrd);
  return parts;
}

async function fill(): Promise<void> {
  await mkdir(cacheFolder, { recursive: true });
  const folder = await mkdtemp(join(cacheFolder, 'filling-'));
  try {
    const apt = await Apt.open(join(folder, 'apt'), release);
    await apt.downloadWithNeeds(...packages);
    await apt.downloadOnly(kernelPackage);
    for (const file of await apt.packages()) {
      const target = join(folder, basename(file).startsWith('linux-image') ? 'kernel' : 'packages');
      await run('dpkg-deb', ['--extract', file, target]);
    }
    await keepKernel(join(folder, 'kernel'), folder);
    for (const part of ['apt', 'kernel']) await rm(join(folder, part), { recursive: true });
    await rename(folder, ready);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Of 400 MB of modules some forty are kept, numbered in the order in which they are loaded. */
async function keepKernel(unpacked: string, target: string): Promise<void> {
  const [image] = (await readdir(join(unpacked, 'boot'))).filter((name) => name.startsWith('vmlinuz-'));
  if (image === undefined) throw new Unavailable(`the package ${kernelPackage} has no kernel`);
  await copyFile(join(unpacked, 'boot', image), join(target, 'vmlinuz'));
  const files = (await readdir(join(unpacked, 'lib'), { recursive: true })).filter((name) => name.endsWith('.ko'));
  const paths = files.map((name) => join(unpacked, 'lib', name));
  await mkdir(join(target, 'initramfs/modules'), { recursive: true });
  for (const [i, path] of (await inLoadOrder(modules, paths)).entries()) {
    const name = `${String(i).padStart(2, '0')}-${basename(path)}`;
    await copyFile(path, join(target, 'initramfs/modules', name));
  }
}

/** The initial file system: modules, a shell, and what mounts the host's files. */
async function makeInitrd(file: string): Promise<void> {
  const tree = join(ready, 'initramfs');
  for (const folder of ['bin', 'proc', 'sys', 'dev', 'host', 'changes', 'root'])
    await mkdir(join(tree, folder), { recursive: true });
  await copyFile(busybox, join(tree, 'bin/busybox'));
  await copyFile(join(root, 'test/sriov/guest/initramfs.sh'), join(tree, 'init'));
  await writeFile(file, await archive(tree, await readdir(tree, { recursive: true })));
}

function archive(tree: string, names: readonly string[]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const cpio = join(ready, 'packages/bin/cpio');
    const child = spawn(cpio, ['--create', '--format=newc', '--owner=0:0', '--quiet'], { cwd: tree });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(Buffer.concat(chunks));
      else reject(new Error(`cpio failed with exit code ${code}`));
    });
    child.stdin.end(names.join('\n'));
  });
}
