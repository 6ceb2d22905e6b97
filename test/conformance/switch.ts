import type { FlowText } from '../../src/model/flow.js';
import type { Answer } from '../../src/replay/answer.js';

export interface SentPacket {
  /** 1 to 4: the switch has p1 to p4. */
  readonly in_port: number;
  readonly packet: string;
}

/** What is judged: a switch that is given flows, and then packets. */
export interface JudgedSwitch {
  run(flows: readonly FlowText[], packets: readonly SentPacket[]): Promise<Answer[]>;
  close(): Promise<void>;
}

export const portNames = ['p1', 'p2', 'p3', 'p4'] as const;

/** What went out, in no order, as `PORT HEX`. */
export const sent = ({ out }: Answer): string =>
  sortedOutputs(out.map(({ port, packet }) => [Number(String(port).slice(1)), packet]));

export const sortedOutputs = (out: readonly (readonly [number, string])[]): string =>
  out
    .map(([port, packet]) => `${port} ${packet}`)
    .sort()
    .join('\n');
