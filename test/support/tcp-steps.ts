/** Flags of TCP (RFC 9293, section 3.1). */
export const [fin, syn, rst, psh, ack] = [1, 2, 4, 8, 16] as const;

/** Which end speaks, and with which flags. */
export type Step = readonly [back: boolean, flags: number];

/** How connections begin, go on and end, by the book. */
export const open: readonly Step[] = [
  [false, syn],
  [true, syn | ack],
  [false, ack],
];
export const simultaneous: readonly Step[] = [
  [false, syn],
  [true, syn],
  [false, syn | ack],
  [true, syn | ack],
];
export const talk: readonly Step[] = [
  [false, psh | ack],
  [true, ack],
  [true, psh | ack],
  [false, ack],
];
export const close: readonly Step[] = [
  [false, fin | ack],
  [true, ack],
  [true, fin | ack],
  [false, ack],
];
export const closeByServer: readonly Step[] = close.map(([back, flags]) => [!back, flags]);
