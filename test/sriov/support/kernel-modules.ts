import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

/** What a kernel module says that it needs, from its section .modinfo: `depends=dca,i2c-algo-bit`. */
export const needsOf = (module: Buffer): string[] => {
  const at = module.indexOf('\0depends=');
  if (at < 0) return [];
  const end = module.indexOf(0, at + 1);
  return module
    .toString('latin1', at + '\0depends='.length, end)
    .split(',')
    .filter(Boolean);
};

/** A file's name and a module's name differ in hyphens. */
const nameOf = (path: string): string => basename(path, '.ko').replaceAll('-', '_');

/**
 * The files of modules and of all that they need, each after what it needs.
 * @param files all modules of a kernel
 * @throws Error for a module that the kernel has not got
 */
export async function inLoadOrder(
  wanted: readonly string[],
  files: readonly string[],
  read: (path: string) => Promise<Buffer> = readFile,
): Promise<string[]> {
  const byName = new Map(files.map((path) => [nameOf(path), path]));
  const order = new Set<string>();
  const load = async (name: string): Promise<void> => {
    const path = byName.get(name.replaceAll('-', '_'));
    if (path === undefined) throw new Error(`the kernel has no module ${name}`);
    if (order.has(path)) return;
    for (const need of needsOf(await read(path))) await load(need);
    order.add(path);
  };
  for (const name of wanted) await load(name);
  return [...order];
}
