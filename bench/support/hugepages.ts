import { readFile, writeFile } from 'node:fs/promises';
import type { Scope } from './scope.js';

const knob = '/sys/kernel/mm/hugepages/hugepages-2048kB/';
const pageMib = 2;

const read = async (name: string): Promise<number> => Number(await readFile(knob + name, 'utf8'));

/** Sees to it that `mib` of 2-MiB hugepages are free; `scope` gives back what was reserved. */
export async function reserveHugepages(mib: number, scope: Scope): Promise<void> {
  const [total, free] = [await read('nr_hugepages'), await read('free_hugepages')];
  const missing = Math.ceil(mib / pageMib) - free;
  if (missing <= 0) return;
  const remedy = `as root: sysctl -w vm.nr_hugepages=${total + missing}`;
  try {
    await writeFile(knob + 'nr_hugepages', String(total + missing));
  } catch (error) {
    throw new Error(`${mib} MiB of 2-MiB hugepages are needed, ${free * pageMib} MiB are free; ${remedy}`, { cause: error });
  }
  scope.defer(() => writeFile(knob + 'nr_hugepages', String(total)));
  const got = await read('free_hugepages');
  if (got * pageMib < mib) throw new Error(`only ${got * pageMib} MiB of ${mib} MiB of hugepages could be had: free some memory`);
}
