import { ctStates, type CtState } from '../../src/model/conntrack.js';
import { bytesOfIp, parseIp } from '../../src/model/address.js';
import type { NativeConnection } from '../../src/switch/native.js';

const bytes = (text: string): Uint8Array => bytesOfIp(parseIp(text) ?? { family: 4, value: 0n });

/** A connection as the addon lists it: `10.0.0.1:1000 > 10.0.0.2:80`, and what is not plain of it. */
export function connection(
  ends: string,
  { state = 'established', ...more }: Partial<Omit<NativeConnection, 'state'>> & { readonly state?: CtState } = {},
): NativeConnection {
  const [, src = '', srcPort, dst = '', dstPort] = /^(.*):(\d+) > (.*):(\d+)$/.exec(ends) ?? [];
  return {
    slot: 1,
    zone: 0,
    family: src.includes(':') ? 6 : 4,
    proto: 6,
    src: bytes(src),
    dst: bytes(dst),
    srcPort: Number(srcPort),
    dstPort: Number(dstPort),
    replySrc: bytes(dst),
    replyDst: bytes(src),
    replySrcPort: Number(dstPort),
    replyDstPort: Number(srcPort),
    state: ctStates.indexOf(state),
    mark: 0,
    label: new Uint8Array(16),
    timeoutMs: 1500,
    ...more,
  };
}
