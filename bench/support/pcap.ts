const magic = 0xa1b2c3d4;
const linkTypeEthernet = 1;
const fileHeaderBytes = 24;
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
  const found = file.readUInt32LE(0);
  if (found !== magic && found !== 0xa1b23c4d)
    throw new Error(`not a little-endian pcap file: it begins with 0x${found.toString(16)}`);
  const frames: Buffer[] = [];
  for (let at = fileHeaderBytes; at + recordHeaderBytes <= file.length;) {
    const captured = file.readUInt32LE(at + 8);
    const end = at + recordHeaderBytes + captured;
    if (end > file.length) break;
    frames.push(file.subarray(at + recordHeaderBytes, end));
    at = end;
  }
  return frames;
}
