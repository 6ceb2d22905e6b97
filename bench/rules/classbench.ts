import { filterFlows, parseFilter, type Filter } from '../../test/conformance/classbench.js';
import { dataLines } from '../../test/conformance/data.js';
import { Random } from '../../test/conformance/random.js';
import type { Work } from '../forwarding.js';
import { ipv4Frame, type FrameFields } from '../support/frames.js';
import { forward } from './actions.js';
import { addressIn } from './routes.js';

/** A ClassBench filter set as rules that forward, and frames of so many flows, each within a filter chosen at random. */
export function classbenchWork(file: string, flows: number): Work {
  const filters = dataLines('classbench', file).map(parseFilter);
  const random = new Random(8);
  const frames = Array.from({ length: flows }, () => ipv4Frame(packetIn(random.pick(filters), random)));
  const actions = forward();
  return {
    rules: { flows: filters.flatMap(filterFlows).map((flow) => ({ ...flow, actions })) },
    sources: { source: frames },
  };
}

/** Protocols for a filter that leaves it open; one of ports has TCP or UDP. */
const protocols = [6, 17] as const;

function packetIn({ src, dst, srcPorts, dstPorts, proto }: Filter, random: Random): FrameFields {
  const port = ([low, high]: readonly [number, number]): number => low + random.below(high - low + 1);
  const address = ({ value, length }: Filter['src']): number => addressIn({ address: Number(value), length }, random);
  return {
    src: address(src),
    dst: address(dst),
    proto: proto ?? random.pick(protocols),
    srcPort: port(srcPorts),
    dstPort: port(dstPorts),
  };
}
