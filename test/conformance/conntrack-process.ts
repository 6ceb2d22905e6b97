import { judgeConntrack } from './judge-conntrack.js';
import { judgeNftables } from './judge-nftables.js';
import type { Tally } from './tally.js';

/** A process of its own for each judge and each way to track: the data plane starts once in a process. Prints what it came to as JSON. */
const ways: Readonly<Record<string, (seeds: readonly number[]) => Promise<Tally>>> = {
  'open-vswitch': (seeds) => judgeConntrack(seeds, false),
  'open-vswitch-windows': (seeds) => judgeConntrack(seeds, true),
  'open-vswitch-reference': (seeds) => judgeConntrack(seeds, false, true),
  nftables: judgeNftables,
};
const [way = '', ...seeds] = process.argv.slice(2);
const { passed, wrong, unsupported, known } = await ways[way]!(seeds.map(Number));
console.log(JSON.stringify({ passed, wrong, unsupported: [...unsupported], known: [...known] }));
