import { createReadStream } from 'node:fs';
import { VswitchError } from '../model/errors.js';
import { ByteReader } from './byte-reader.js';

/** A captured frame. */
export interface Captured {
  /** Nanoseconds since 1970. */
  readonly timeNs: bigint;
  /** As many as were captured. */
  readonly bytes: Uint8Array;
}

const microseconds = 0xa1b2c3d4;
const nanoseconds = 0xa1b23c4d;
const pcapng = 0x0a0d0d0a;
const ethernet = 1;
const fileHeaderBytes = 24;
const recordHeaderBytes = 16;
/** MAXIMUM_SNAPLEN of libpcap. */
const longestRecord = 262_144;

/**
 * Frames of a capture file (draft-ietf-opsawg-pcap), of either byte order, in microseconds or nanoseconds.
 * @throws VswitchError REQUEST_INVALID where it is no such file, not of Ethernet, or cut short; CONFIG_UNREADABLE.
 */
export async function* readPcap(path: string): AsyncGenerator<Captured> {
  const reader = new ByteReader(createReadStream(path) as AsyncIterable<Buffer>);
  try {
    const { read32, perUnit } = formatOf(await take(reader, fileHeaderBytes, path), path);
    for (let number = 1; ; ++number) {
      const header = await take(reader, recordHeaderBytes, path);
      if (header.length === 0) return;
      const length = header.length < recordHeaderBytes ? 0 : read32(header, 8);
      if (length > longestRecord) throw invalid(path, `packet ${number} claims to have ${length} bytes`);
      const bytes = await take(reader, length, path);
      if (header.length < recordHeaderBytes || bytes.length < length) throw invalid(path, `packet ${number} is cut short`);
      yield { timeNs: BigInt(read32(header, 0)) * 1_000_000_000n + BigInt(read32(header, 4)) * perUnit, bytes };
    }
  } finally {
    await reader.close();
  }
}

interface Format {
  read32(bytes: Buffer, at: number): number;
  /** Nanoseconds of a unit of the second part of a time. */
  readonly perUnit: bigint;
}

function formatOf(header: Buffer, path: string): Format {
  if (header.length < fileHeaderBytes) throw invalid(path, 'the file is too short for a capture');
  const big = header.readUInt32BE(0);
  const little = header.readUInt32LE(0);
  if (big === pcapng) throw invalid(path, 'the file is pcapng', `write it as pcap: editcap -F pcap ${path} OUT`);
  const isBig = big === microseconds || big === nanoseconds;
  const magic = isBig ? big : little;
  if (magic !== microseconds && magic !== nanoseconds) throw invalid(path, 'the file is no capture');
  const read32 = (bytes: Buffer, at: number): number => (isBig ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at));
  // The upper bits tell of an FCS, which is not asked for.
  const link = read32(header, 20) & 0xffff;
  if (link !== ethernet) throw invalid(path, `the capture has link type ${link}`, 'give one of Ethernet, link type 1');
  return { read32, perUnit: magic === nanoseconds ? 1n : 1000n };
}

async function take(reader: ByteReader, count: number, path: string): Promise<Buffer> {
  try {
    return await reader.take(count);
  } catch (error) {
    throw new VswitchError('CONFIG_UNREADABLE', `cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const invalid = (path: string, message: string, remedy = 'give a capture file in the classic pcap format'): VswitchError =>
  new VswitchError('REQUEST_INVALID', `${path}: ${message}`, [{ pointer: '', value: path, message, remedy }]);

/** What a capture file begins with: big endian, nanoseconds, Ethernet. */
export function pcapHeader(): Buffer {
  const header = Buffer.alloc(fileHeaderBytes);
  header.writeUInt32BE(nanoseconds, 0);
  header.writeUInt16BE(2, 4);
  header.writeUInt16BE(4, 6);
  header.writeUInt32BE(longestRecord, 16);
  header.writeUInt32BE(ethernet, 20);
  return header;
}

export function pcapRecord({ timeNs, bytes }: Captured): Buffer {
  const header = Buffer.alloc(recordHeaderBytes);
  header.writeUInt32BE(Number(timeNs / 1_000_000_000n), 0);
  header.writeUInt32BE(Number(timeNs % 1_000_000_000n), 4);
  header.writeUInt32BE(bytes.length, 8);
  header.writeUInt32BE(bytes.length, 12);
  return Buffer.concat([header, bytes]);
}
