import { formatPrefix, parsePrefix, prefixMask, withoutHostBits, type IpPrefix } from '../../src/model/address.js';
import type { FlowText } from '../../src/model/flow.js';
import { fullMask } from '../../src/model/match.js';
import { dataLines } from './data.js';
import { frameOf } from './frames.js';
import { Random } from './random.js';
import type { JudgedSwitch } from './switch.js';
import { Tally } from './tally.js';

/** A sample of a BGP table: the longest prefix wins, as a linear scan finds it. */
export async function judgeRoutes(routes: number, packets: number, judged: JudgedSwitch): Promise<Tally> {
  const tally = new Tally();
  const random = new Random(routes);
  const lines = dataLines('routes', 'prefixes.txt.gz');
  // The table is sorted: neighbours, which nest, stay together.
  const chosen = Array.from({ length: 10 }, () => random.below(lines.length)).flatMap((at) => lines.slice(at, at + routes / 10));
  const prefixes = [...new Set(chosen)].map((line) => parsePrefix(line)!);
  const destinations = Array.from({ length: packets }, () => near(random.pick(prefixes), random));
  const answers = await judged.run(
    prefixes.map(routeFlow),
    destinations.map(({ family, value }) => ({ in_port: 1, packet: frameOf({ family, src: 1n, dst: value, proto: 17 }) })),
  );
  destinations.forEach((destination, i) => {
    const wanted = longest(prefixes, destination);
    const got = Number(answers[i]!.rules[0]?.cookie ?? 0);
    tally.check(got === wanted, () => `${destination.family} ${destination.value.toString(16)}: route ${got}, not ${wanted}`);
  });
  return tally;
}

interface Destination {
  readonly family: 4 | 6;
  readonly value: bigint;
}

const bitsOf = { 4: 32, 6: 128 } as const;

function near({ family, value, length }: IpPrefix, random: Random): Destination {
  const beside = random.below(4) === 0 ? 1n << BigInt(random.below(bitsOf[family])) : 0n;
  return { family, value: (value ^ random.bits(bitsOf[family] - length) ^ beside) & fullMask(bitsOf[family]) };
}

/** Counted from 1; 0 is no route. */
function longest(prefixes: readonly IpPrefix[], { family, value }: Destination): number {
  let best = -1;
  prefixes.forEach((prefix, i) => {
    if (prefix.family !== family || ((prefix.value ^ value) & prefixMask(prefix.length, bitsOf[family])) !== 0n) return;
    if (best < 0 || prefix.length > prefixes[best]!.length) best = i;
  });
  return best + 1;
}

const routeFlow = (prefix: IpPrefix, i: number): FlowText => ({
  priority: prefix.length + 1,
  cookie: i + 1,
  match: {
    eth_type: prefix.family === 4 ? 0x0800 : 0x86dd,
    ...(prefix.length > 0 && { [`ipv${prefix.family}_dst`]: formatPrefix(withoutHostBits(prefix)) }),
  },
  actions: [{ type: 'dec_ttl' }, { type: 'output', port: 'p2' }],
});
