import { ipv4Frame } from './frames.js';
import { ipv4Number } from './ipv4.js';

const outerBytes = 50;
const vxlanAt = 42;
const vxlanPort = 4789;

/** A frame in VXLAN (RFC 7348), as the remote end of the tunnel sends it. */
export function vxlanFrame(
  inner: Buffer,
  tunnel: {
    readonly vni: number;
    readonly localMac: string;
    readonly remoteMac: string;
    readonly localIp: string;
    readonly remoteIp: string;
  },
  srcPort: number,
): Buffer {
  const bytes = ipv4Frame({
    dstMac: tunnel.localMac,
    srcMac: tunnel.remoteMac,
    src: ipv4Number(tunnel.remoteIp),
    dst: ipv4Number(tunnel.localIp),
    srcPort,
    dstPort: vxlanPort,
    bytes: inner.length + outerBytes,
  });
  bytes.writeUInt32BE(0x08000000, vxlanAt);
  bytes.writeUInt32BE(tunnel.vni << 8, vxlanAt + 4);
  inner.copy(bytes, outerBytes);
  return bytes;
}
