import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { say } from './progress.mjs';

/** Enough for two switches side by side with the default of 64 MiB, and room for a bench. */
export const wantedFreeMib = 256;
const pageMib = 2;
const directory = '/sys/kernel/mm/hugepages/hugepages-2048kB';

/**
 * How many pages the kernel should keep so that `wantedFreeMib` are free; never fewer than it keeps now.
 * @param {{ total: number, free: number, availableMib: number }} now availableMib: MemAvailable
 * @returns {number} pages
 */
export function pagesToKeep({ total, free, availableMib }) {
  const short = Math.max(0, wantedFreeMib / pageMib - free);
  // Half of what is available stays for everything else.
  const affordable = Math.floor(availableMib / 2 / pageMib);
  return total + Math.min(short, affordable);
}

/** @param {string} name */
const read = (name) => Number(readFileSync(join(directory, name), 'utf8'));

/** Reserves 2 MiB hugepages where it may. The switch needs no hugetlbfs mount (EAL --in-memory), and runs without pages too. */
export function ensureHugepages() {
  let free = 0;
  try {
    const availableKib = Number(/^MemAvailable:\s+(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1] ?? 0);
    const now = { total: read('nr_hugepages'), free: read('free_hugepages'), availableMib: availableKib / 1024 };
    free = now.free;
    const pages = pagesToKeep(now);
    if (pages > now.total) {
      writeFileSync(join(directory, 'nr_hugepages'), String(pages));
      free = read('free_hugepages');
      say(`>> hugepages: ${free * pageMib} MiB are free now (2 MiB pages, ${read('nr_hugepages')} in all)`);
    }
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    say(`>> hugepages: none can be reserved (${reason}); ${free * pageMib} MiB are free`);
  }
  if (free * pageMib < wantedFreeMib)
    say('   the switch uses ordinary pages (--no-huge) where hugepages do not suffice: slower, but it works');
}
