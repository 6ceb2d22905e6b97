import type { View } from './view.js';

interface Within {
  readonly family: 4 | 6;
  readonly proto: number;
  /** The first of several. */
  readonly fragment: boolean;
}

const tcp = 6;
/** Protocols with ports, and the bytes of their headers: RFC 9293, RFC 768, RFC 9260. */
const withPorts: ReadonlyMap<number, readonly ['tcp' | 'udp' | 'sctp', number]> = new Map([
  [tcp, ['tcp', 20]],
  [17, ['udp', 8]],
  [132, ['sctp', 12]],
]);

/** Ports and flags, type and code, and the fields of neighbour discovery. */
export function dissectTransport(view: View, at: number, { family, proto, fragment }: Within): void {
  const ports = withPorts.get(proto);
  if (ports) {
    const [name, bytes] = ports;
    if (!view.has(at, bytes) || (proto === tcp && view.number(at + 12, 1) >> 4 < 5)) return;
    view.set(`${name}_src`, at, 2);
    view.set(`${name}_dst`, at + 2, 2);
    if (proto === tcp) view.put('tcp_flags', view.number(at + 12, 2) & 0x0fff);
  } else if (proto === (family === 4 ? 1 : 58) && view.has(at, 4)) {
    view.set(family === 4 ? 'icmpv4_type' : 'icmpv6_type', at, 1);
    view.set(family === 4 ? 'icmpv4_code' : 'icmpv6_code', at + 1, 1);
    if (family === 6 && !fragment) dissectNeighbour(view, at);
  }
}

/** RFC 4861: the target, and the first link-layer address of the sort that the message carries. */
function dissectNeighbour(view: View, at: number): void {
  const type = view.number(at, 1);
  if ((type !== 135 && type !== 136) || view.number(at + 1, 1) !== 0 || !view.has(at, 24)) return;
  view.set('ipv6_nd_target', at + 8, 16);
  const wanted = type - 134;
  for (let option = at + 24; view.has(option, 8);) {
    const words = view.number(option + 1, 1);
    if (words === 0) return;
    if (view.number(option, 1) === wanted && words === 1) {
      view.set(type === 135 ? 'ipv6_nd_sll' : 'ipv6_nd_tll', option + 2, 6);
      return;
    }
    option += words * 8;
  }
}
