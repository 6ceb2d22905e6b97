/** Inputs of encap_fuzz.cc: packets to wrap, and wrapped ones. */

const geneve = 1;
const encap = 2;

/** @param {{ flags: number, first?: number, headroom?: number }} head @param {readonly Buffer[]} rest */
const input = ({ flags, first = 0, headroom = 128 }, ...rest) =>
  Buffer.concat([Buffer.from([flags, first, headroom, 1, 0, 0, 0]), ...rest]);

/** Of encap, as src/switch/codec.ts describes them. @param {{ family: 4 | 6, vni?: number, checksum?: number, dscp?: number }} options */
function operands({ family, vni = 1, checksum = 0, dscp = 0 }) {
  const bytes = Buffer.alloc(64);
  bytes.writeUInt32LE(vni, 0);
  bytes.writeUInt16LE(4789, 4);
  bytes.set([64, dscp, family, checksum, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2], 6);
  bytes.set(family === 4 ? [192, 0, 2, 1] : [0x20, 1, 0xd, 0xb8], 32);
  bytes.set(family === 4 ? [192, 0, 2, 2] : [0x20, 1, 0xd, 0xb9], 48);
  return bytes;
}

/** @param {Buffer} header of IPv4 */
function checksum4(header) {
  let sum = 0;
  for (let at = 0; at < header.length; at += 2) sum += header.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** The packet in a tunnel over IPv4 or IPv6, without a UDP checksum. @param {4 | 6} family @param {string} tunnel @param {Buffer} packet */
function wrapped(family, tunnel, packet) {
  const inner = Buffer.concat([Buffer.from(tunnel, 'hex'), packet]);
  const udp = Buffer.from('c00012b500000000', 'hex');
  udp.writeUInt16BE(8 + inner.length, 4);
  const ip = Buffer.from(
    family === 4 ? '4500000000004000401100000a0000010a000002' : `6000000000001140${'20'.repeat(16)}${'21'.repeat(16)}`,
    'hex',
  );
  if (family === 4) {
    ip.writeUInt16BE(28 + inner.length, 2);
    ip.writeUInt16BE(checksum4(ip), 10);
  } else ip.writeUInt16BE(8 + inner.length, 4);
  const ethernet = Buffer.from(`020000000001020000000002${family === 4 ? '0800' : '86dd'}`, 'hex');
  return Buffer.concat([ethernet, ip, udp, inner]);
}

/** @param {Map<string, Buffer>} packets @returns {Map<string, Buffer>} */
export function encapInputs(packets) {
  /** @type {Map<string, Buffer>} */
  const inputs = new Map();
  for (const name of ['Udp4', 'Tcp4', 'Udp6', 'ArpRequest', 'Tagged4']) {
    const packet = packets.get(name) ?? Buffer.alloc(0);
    inputs.set(`Vxlan4${name}`, input({ flags: encap }, operands({ family: 4, checksum: 1 }), packet));
    inputs.set(`Vxlan6${name}`, input({ flags: encap, first: 20 }, operands({ family: 6, checksum: 1 }), packet));
    inputs.set(`Geneve4${name}`, input({ flags: encap | geneve }, operands({ family: 4, dscp: 0xff }), packet));
    inputs.set(`Geneve6${name}`, input({ flags: encap | geneve }, operands({ family: 6, vni: 0xffffffff }), packet));
    inputs.set(`DecapVxlan4${name}`, input({ flags: 0 }, wrapped(4, '0800000000000100', packet)));
    inputs.set(`DecapVxlan6${name}`, input({ flags: 0, first: 70 }, wrapped(6, '0800000012345600', packet)));
    inputs.set(`DecapGeneve4${name}`, input({ flags: geneve }, wrapped(4, '0000655800000100', packet)));
    inputs.set(`DecapGeneve6${name}`, input({ flags: geneve }, wrapped(6, '02006558ffffff00010203010a0b0c0d', packet)));
  }
  inputs.set('NoHeadroom', input({ flags: encap, headroom: 0 }, operands({ family: 4 }), packets.get('Udp4') ?? Buffer.alloc(0)));
  return inputs;
}
