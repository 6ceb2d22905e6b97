import { formatPrefix, parsePrefix, prefixMask, withoutHostBits, type IpPrefix } from '../../src/model/address.js';
import type { FlowText } from '../../src/model/flow.js';
import { maxPriority } from '../../src/model/flow.js';
import { fullMask } from '../../src/model/match.js';
import type { Header } from './frames.js';
import type { Random } from './random.js';

type Range = readonly [low: number, high: number];

/** A rule of a ClassBench filter set; its TCP flags are left out, as by the papers that use these sets. */
export interface Filter {
  readonly src: IpPrefix;
  readonly dst: IpPrefix;
  readonly srcPorts: Range;
  readonly dstPorts: Range;
  /** Undefined: any. */
  readonly proto: number | undefined;
}

const filterLine = /^@(\S+)\s+(\S+)\s+(\d+) : (\d+)\s+(\d+) : (\d+)\s+0x([0-9a-fA-F]+)\/0x([0-9a-fA-F]+)/;

export function parseFilter(line: string): Filter {
  const [, src, dst, ...numbers] = filterLine.exec(line) ?? [];
  const [a, b, c, d] = numbers.slice(0, 4).map(Number);
  const [proto, mask] = numbers.slice(4).map((hex) => parseInt(hex, 16));
  if (mask !== 0 && mask !== 0xff) throw new RangeError(`no filter: ${line}`);
  return {
    src: parsePrefix(src!)!,
    dst: parsePrefix(dst!)!,
    srcPorts: [a!, b!],
    dstPorts: [c!, d!],
    proto: mask === 0 ? undefined : proto,
  };
}

const anyPort = ([low, high]: Range): boolean => low === 0 && high === 65535;
const withPorts = new Map([
  [6, 'tcp'],
  [17, 'udp'],
]);

/** The first of the filters wins. A filter of ports and any protocol is one of TCP and one of UDP, which have ports. */
export function filterFlows({ src, dst, srcPorts, dstPorts, proto }: Filter, index: number): FlowText[] {
  const ports = !anyPort(srcPorts) || !anyPort(dstPorts);
  const protocols = ports ? [...withPorts.keys()].filter((number) => proto === undefined || proto === number) : [proto];
  return protocols.map((number) => {
    const name = ports ? withPorts.get(number!) : undefined;
    const range = (side: 'src' | 'dst', [low, high]: Range) =>
      name === undefined || anyPort([low, high]) ? {} : { [`${name}_${side}`]: low === high ? low : `${low}-${high}` };
    const address = (side: 'src' | 'dst', prefix: IpPrefix) =>
      prefix.length === 0 ? {} : { [`ipv4_${side}`]: formatPrefix(withoutHostBits(prefix)) };
    return {
      priority: maxPriority - index,
      match: {
        eth_type: 0x0800,
        ...(number === undefined ? {} : { ip_proto: number }),
        ...address('src', src),
        ...address('dst', dst),
        ...range('src', srcPorts),
        ...range('dst', dstPorts),
      },
      actions: [{ type: 'output', port: 'p2' }],
    };
  });
}

/** The linear scan that judges. */
export const firstFilter = (filters: readonly Filter[], header: Header): number =>
  filters.findIndex(
    ({ src, dst, srcPorts, dstPorts, proto }) =>
      within(src, header.src) &&
      within(dst, header.dst) &&
      (proto === undefined || proto === header.proto) &&
      ((anyPort(srcPorts) && anyPort(dstPorts)) ||
        (withPorts.has(header.proto) && inside(srcPorts, header.srcPort!) && inside(dstPorts, header.dstPort!))),
  );

const within = ({ value, length }: IpPrefix, address: bigint): boolean => ((value ^ address) & prefixMask(length, 32)) === 0n;
const inside = ([low, high]: Range, port: number): boolean => port >= low && port <= high;

/** A header that a filter, chosen at random, matches, or that is just beside it. */
export function headerNear(filters: readonly Filter[], random: Random): Header {
  const { src, dst, srcPorts, dstPorts, proto } = random.pick(filters);
  const address = ({ value, length }: IpPrefix): bigint =>
    ((value ^ random.bits(32 - length)) & fullMask(32)) ^ (random.below(8) === 0 ? 1n << BigInt(random.below(32)) : 0n);
  const port = ([low, high]: Range): number => {
    const beside = random.below(8) === 0 ? random.pick([-1, 1]) : 0;
    return (random.pick([low, high, low + random.below(high - low + 1)]) + beside + 65536) % 65536;
  };
  return {
    family: 4,
    src: address(src),
    dst: address(dst),
    proto: random.below(8) === 0 ? random.pick([1, 6, 17, 47]) : (proto ?? random.pick([1, 6, 17, 47])),
    srcPort: port(srcPorts),
    dstPort: port(dstPorts),
  };
}
