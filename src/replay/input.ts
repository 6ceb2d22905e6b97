import { VswitchError } from '../model/errors.js';
import type { PortNumber } from '../model/ids.js';
import { readPcap, type Captured } from './pcap.js';

/** A packet to replay, and the port at which it comes in. */
export interface InputPacket {
  readonly inPort: PortNumber;
  readonly bytes: Uint8Array;
  /** Of the capture that it is from; 0 without one. */
  readonly timeNs: bigint;
}

export interface ReplayPorts {
  readonly names: readonly string[];
  /** By name or number. */
  find(written: unknown): PortNumber | undefined;
}

/** The longest frame that a port can take: an mbuf's 16-bit length. */
export const longestPacket = 65_535;

/**
 * Packets of JSON lines, `{"in_port":"p1","packet":"<hex>"}`; empty lines do not count.
 * @param lines with what they are from, for example the file's name.
 * @throws VswitchError REQUEST_INVALID that names the line.
 */
export async function* packetsOfLines(lines: AsyncIterable<string>, ports: ReplayPorts): AsyncGenerator<InputPacket> {
  let number = 0;
  for await (const line of lines) {
    ++number;
    if (line.trim() !== '') yield packetOfLine(line, number, ports);
  }
}

function packetOfLine(line: string, number: number, ports: ReplayPorts): InputPacket {
  const value = parseJson(line);
  if (value === undefined) throw invalid(number, 'is not JSON', line);
  const { in_port: port, packet } = value as { in_port?: unknown; packet?: unknown };
  const inPort = ports.find(port);
  if (inPort === undefined) throw invalid(number, 'names no port as "in_port"', port, `there is ${ports.names.join(', ')}`);
  if (typeof packet !== 'string' || !/^([0-9a-f]{2})*$/i.test(packet)) throw invalid(number, 'has no hex as "packet"', packet);
  if (packet.length > 2 * longestPacket)
    throw invalid(number, `has a packet of more than ${longestPacket} bytes`, packet.length / 2);
  return { inPort, bytes: Buffer.from(packet, 'hex'), timeNs: 0n };
}

function parseJson(line: string): object | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

const form = 'write {"in_port":"p1","packet":"<hex>"}, one packet a line';

const invalid = (line: number, message: string, value: unknown, remedy = form): VswitchError =>
  new VswitchError('REQUEST_INVALID', `line ${line} ${message}`, [{ pointer: `/line ${line}`, value, message, remedy }]);

/** What came in at a port. */
export interface CaptureInput {
  readonly inPort: PortNumber;
  readonly path: string;
}

/** Packets of one capture a port, merged by their times; of equal times in the order of the captures. */
export async function* packetsOfCaptures(captures: readonly CaptureInput[]): AsyncGenerator<InputPacket> {
  const sources = captures.map(({ inPort, path }) => ({ inPort, frames: readPcap(path) }));
  try {
    const heads: Head[] = [];
    for (const { inPort, frames } of sources) heads.push({ inPort, frames, next: await nextOf(frames) });
    for (let head = earliest(heads); head?.next; head = earliest(heads)) {
      yield { inPort: head.inPort, ...head.next };
      head.next = await nextOf(head.frames);
    }
  } finally {
    for (const { frames } of sources) await frames.return(undefined);
  }
}

interface Head {
  readonly inPort: PortNumber;
  readonly frames: AsyncGenerator<Captured>;
  /** Undefined at the end. */
  next: Captured | undefined;
}

async function nextOf(frames: AsyncGenerator<Captured>): Promise<Captured | undefined> {
  const result = await frames.next();
  return result.done === true ? undefined : result.value;
}

const earliest = (heads: readonly Head[]): Head | undefined =>
  heads.reduce<Head | undefined>(
    (best, head) => (head.next && (!best?.next || head.next.timeNs < best.next.timeNs) ? head : best),
    undefined,
  );
