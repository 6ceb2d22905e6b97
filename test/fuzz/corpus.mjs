/** Writes the inputs that the fuzz targets begin with: `node test/fuzz/corpus.mjs`. They are checked in. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeInputs } from './corpus-decode.mjs';
import { encapInputs } from './corpus-encap.mjs';

const here = import.meta.dirname;

/** The packets of the native tests, by name. @returns {Map<string, Buffer>} */
function testPackets() {
  const source = readFileSync(join(here, '../native/support/packets.h'), 'utf8');
  /** @type {Map<string, Buffer>} */
  const packets = new Map();
  let ethernet = '';
  for (const [, name = '', value = ''] of source.matchAll(/std::string k(\w+) =([^;]+);/g)) {
    const digits = [...value.matchAll(/"([^"]*)"/g)]
      .map(([, text]) => text)
      .join('')
      .replaceAll(' ', '');
    if (name === 'Ethernet') ethernet = digits;
    else packets.set(name, Buffer.from((value.includes('kEthernet') ? ethernet : '') + digits, 'hex'));
  }
  return packets;
}

/** @param {string} name @param {Map<string, Buffer>} packets */
function packetOf(name, packets) {
  const packet = packets.get(name);
  if (!packet) throw new RangeError(`no packet ${name}`);
  return packet;
}

/** @param {Buffer} packet @param {number} at @param {string} digits */
const changed = (packet, at, digits) => {
  const copy = Buffer.from(packet);
  copy.write(digits, at, 'hex');
  return copy;
};

/** @param {Buffer} packet @param {string} tags */
const tagged = (packet, tags) => Buffer.concat([packet.subarray(0, 12), Buffer.from(tags, 'hex'), packet.subarray(12)]);

/** The packet with its IPv6 payload behind extension headers. @param {Buffer} packet @param {readonly number[]} headers */
function extended(packet, headers) {
  const last = packet[20] ?? 0;
  const chain = headers.map((_, i) => Buffer.from([headers[i + 1] ?? last, 0, 0, 0, 0, 0, 0, 0]));
  const made = Buffer.concat([packet.subarray(0, 54), ...chain, packet.subarray(54)]);
  made[20] = headers[0] ?? last;
  made.writeUInt16BE(made.length - 54, 18);
  return made;
}

/** @param {Map<string, Buffer>} packets @returns {Map<string, Buffer>} */
function variants(packets) {
  const made = new Map(packets);
  const [udp4, udp6, tcp4] = [packetOf('Udp4', packets), packetOf('Udp6', packets), packetOf('Tcp4', packets)];
  made.set('Fragment4', changed(udp4, 20, '2000'));
  made.set('LaterFragment4', changed(udp4, 20, '0001'));
  made.set('LengthUnderflow4', changed(udp4, 16, '0013'));
  made.set('HeaderUnderflow4', changed(udp4, 14, '44'));
  made.set('Protocol0', changed(udp4, 23, '00'));
  made.set('TcpFlags', changed(tcp4, 46, '5fff'));
  made.set('Tagged4', tagged(udp4, '81006064'));
  made.set('TwoTags6', tagged(udp6, '88a8006481000065'));
  made.set('ThreeTags4', tagged(udp4, '88a80064810000658100 0066'.replace(' ', '')));
  made.set('Options6', extended(udp6, [0, 60, 43, 44]));
  made.set('Authentication6', extended(udp6, [51]));
  made.set(
    'Loop6',
    extended(
      udp6,
      Array.from({ length: 9 }, () => 0),
    ),
  );
  made.set('Jumbo6', changed(extended(udp6, [0]), 18, '0000'));
  made.set('Fragment6', changed(extended(udp6, [44]), 56, '0001'));
  made.set('LaterFragment6', changed(extended(udp6, [44]), 56, '0008'));
  return made;
}

/** @param {number} plan @param {number} first @param {Buffer} packet */
const parserInput = (plan, first, packet) => Buffer.concat([Buffer.from([plan & 0xff, plan >> 8, first]), packet]);

/** @returns {Map<string, Buffer>} */
function parserInputs() {
  /** @type {Map<string, Buffer>} */
  const inputs = new Map();
  for (const [name, packet] of variants(testPackets())) inputs.set(name, parserInput(0x1ff, 0, packet));
  for (const [name, packet] of testPackets()) inputs.set(`${name}Split`, parserInput(0x81ff, 30, packet));
  return inputs;
}

/** ICMP and ICMPv6 errors that quote packets, beside the packets. @param {Map<string, Buffer>} packets @returns {Map<string, Buffer>} */
function trackedInputs(packets) {
  const error4 = Buffer.from('020000000001020000000002080045000038000000004001000003030303040404040303000000000000', 'hex');
  const error6 = Buffer.concat([packetOf('Udp6', packets).subarray(0, 54), Buffer.from('0104000000000000', 'hex')]);
  error6[20] = 58;
  error6.writeUInt16BE(56, 18);
  const quoting = (/** @type {Buffer} */ head, /** @type {Buffer} */ packet) => Buffer.concat([head, packet.subarray(14)]);
  const errors = Object.entries({
    ErrorUdp4: quoting(error4, packetOf('Udp4', packets)),
    ErrorTcp4: quoting(error4, packetOf('Tcp4', packets)),
    ErrorEcho4: quoting(error4, packetOf('Icmp4', packets)),
    ErrorUdp6: quoting(error6, packetOf('Udp6', packets)),
  });
  const inputs = [...packets, ...errors].map(
    ([name, packet]) => /** @type {const} */ ([name, Buffer.concat([Buffer.from([0, 5]), packet])]),
  );
  const split = errors.map(
    ([name, packet]) => /** @type {const} */ ([`${name}Split`, Buffer.concat([Buffer.from([45, 9]), packet])]),
  );
  return new Map([...inputs, ...split]);
}

/** @param {string} target @param {Map<string, Buffer>} inputs */
function write(target, inputs) {
  const directory = join(here, 'corpus', target);
  mkdirSync(directory, { recursive: true });
  for (const [name, bytes] of inputs) writeFileSync(join(directory, name), bytes);
}

const packets = variants(testPackets());
write('parser', parserInputs());
write('decode', decodeInputs());
write('tracked', trackedInputs(packets));
write('encap', encapInputs(packets));
