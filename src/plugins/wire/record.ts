/**
 * Packets between the data plane and a tenant's plugins: records on a stream, both ways, little-endian. A record is a header of 16
 * bytes, the Ethernet frame without FCS, and zeros to a multiple of 8:
 *
 *   u32 length of the frame | u8 kind | u8 worker | u16 port | u32 handler | u32 mark
 *
 * `mark` is the high half of the packet's `metadata`; `worker` says who punted it, and goes back with the verdict.
 */
export const headerBytes = 16;
export const minFrameBytes = 14;
export const maxFrameBytes = 9728;

/** Of records to the plugin. */
export const punted = 0;
/** Of records from it: through the tables as if it came in by `port`, or out of `port`. */
export const resume = 0;
export const output = 1;

export const paddedBytes = (frame: number): number => headerBytes + ((frame + 7) & ~7);
export const maxRecordBytes = paddedBytes(maxFrameBytes);

export interface RecordHead {
  readonly length: number;
  readonly kind: number;
  readonly worker: number;
  readonly port: number;
  readonly handler: number;
  readonly mark: number;
}

export function putHead(view: DataView, at: number, { length, kind, worker, port, handler, mark }: RecordHead): void {
  view.setUint32(at, length, true);
  view.setUint8(at + 4, kind);
  view.setUint8(at + 5, worker);
  view.setUint16(at + 6, port, true);
  view.setUint32(at + 8, handler, true);
  view.setUint32(at + 12, mark, true);
}

export const headAt = (view: DataView, at: number): RecordHead => ({
  length: view.getUint32(at, true),
  kind: view.getUint8(at + 4),
  worker: view.getUint8(at + 5),
  port: view.getUint16(at + 6, true),
  handler: view.getUint32(at + 8, true),
  mark: view.getUint32(at + 12, true),
});

export const isFrame = (length: number): boolean => length >= minFrameBytes && length <= maxFrameBytes;
