/** Big-endian integers of any whole number of bytes. */
export function readUint(bytes: Uint8Array, at: number, count: number): bigint {
  let value = 0n;
  for (let i = 0; i < count; ++i) value = (value << 8n) | BigInt(bytes[at + i]!);
  return value;
}

export function writeUint(bytes: Uint8Array, at: number, count: number, value: bigint): void {
  for (let i = count - 1; i >= 0; --i, value >>= 8n) bytes[at + i] = Number(value & 0xffn);
}

export const read16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Big-endian numbers of so many bytes each; bits that find no room are left out. */
export const bytesOf = (...parts: readonly (readonly [count: number, value: number | bigint])[]): Uint8Array =>
  concat(
    ...parts.map(([count, value]) => {
      const bytes = new Uint8Array(count);
      writeUint(bytes, 0, count, BigInt(value));
      return bytes;
    }),
  );
