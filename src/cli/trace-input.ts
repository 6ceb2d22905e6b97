import { readPcap } from '../replay/pcap.js';
import type { TraceRequest } from '../replay/traced-packet.js';
import { usageError } from './io.js';

/** The packets that a command line names, in one of three ways. */
export interface PacketOptions {
  readonly fields?: string;
  readonly in?: string;
  readonly hex?: string;
  readonly pcap?: string;
  /** Of the capture's packets, from 1. */
  readonly number?: number;
}

export interface AskedPacket {
  readonly request: TraceRequest;
  /** Tells a capture's packets apart. */
  readonly title?: string;
}

const ways = 'give fields as in_port=p1,tcp,tp_dst=80, or --in PORT with --hex BYTES or --pcap FILE';

/** @throws VswitchError REQUEST_INVALID where the options do not say one packet, or one capture. */
export function packetsAsked({ fields, in: port, hex, pcap, number }: PacketOptions): AsyncIterable<AskedPacket> {
  const given = [fields, hex, pcap].filter((way) => way !== undefined).length;
  if (given !== 1) throw usageError(given === 0 ? 'there is no packet' : 'there is more than one packet', ways);
  if (number !== undefined && pcap === undefined) throw usageError('--number is of a capture', 'give it beside --pcap FILE');
  if (fields !== undefined) {
    if (port !== undefined) throw usageError('--in is beside fields', `say it as a field: in_port=${port}`);
    return one({ fields });
  }
  if (port === undefined) throw usageError('the packet comes in at no port', 'name it with --in PORT');
  // As hex dumps have it, in groups of bytes.
  if (hex !== undefined) return one({ in_port: port, packet: hex.replaceAll(/[\s:]/g, '') });
  return captured(pcap ?? '', port, number);
}

async function* one(request: TraceRequest): AsyncGenerator<AskedPacket> {
  yield { request };
}

async function* captured(path: string, port: string, only?: number): AsyncGenerator<AskedPacket> {
  let count = 0;
  for await (const { bytes } of readPcap(path)) {
    ++count;
    if (only !== undefined && count !== only) continue;
    yield { request: { in_port: port, packet: Buffer.from(bytes).toString('hex') }, title: `${path}, packet ${count}` };
    if (count === only) return;
  }
  const has = count === 1 ? '1 packet' : `${count} packets`;
  if (only !== undefined) throw usageError(`${path} has ${has}`, `give --number 1 to ${count}, or leave it out`);
  if (count === 0) throw usageError(`${path} has no packets`, 'give a capture of some');
}
