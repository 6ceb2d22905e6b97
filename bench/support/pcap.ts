const magic = 0xa1b2c3d4;
const linkTypeEthernet = 1;
export const fileHeaderBytes = 24;
const recordHeaderBytes = 16;

/** A classic libpcap capture file (version 2.4, microseconds, all at time 0). */
export function encodePcap(frames: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(fileHeaderBytes);
  head.writeUInt32LE(magic, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(65535, 16);
  head.writeUInt32LE(linkTypeEthernet, 20);
  const records = frames.flatMap((frame) => {
    const record = Buffer.alloc(recordHeaderBytes);
    record.writeUInt32LE(frame.length, 8);
    record.writeUInt32LE(frame.length, 12);
    return [record, frame];
  });
  return Buffer.concat([head, ...records]);
}

/** The complete frames of a capture in this machine's byte order; microsecond and nanosecond files alike. A cut-off tail is left out. */
export function decodePcap(file: Buffer): Buffer[] {
  if (file.length < fileHeaderBytes) return [];
  checkMagic(file);
  return decodeRecords(file.subarray(fileHeaderBytes)).frames;
}

export function checkMagic(file: Buffer): void {
  const found = file.readUInt32LE(0);
  if (found !== magic && found !== 0xa1b23c4d)
    throw new Error(`not a little-endian pcap file: it begins with 0x${found.toString(16)}`);
}

/** The complete frames of what follows a file's header, and how many bytes they are with their records' headers. */
export function decodeRecords(bytes: Buffer): { readonly frames: Buffer[]; readonly used: number } {
  const frames: Buffer[] = [];
  let at = 0;
  while (at + recordHeaderBytes <= bytes.length) {
    const end = at + recordHeaderBytes + bytes.readUInt32LE(at + 8);
    if (end > bytes.length) break;
    frames.push(bytes.subarray(at + recordHeaderBytes, end));
    at = end;
  }
  return { frames, used: at };
}
