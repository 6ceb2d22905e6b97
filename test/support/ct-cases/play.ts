import { Connections } from '../reference/conntrack.js';
import { interpret } from '../reference/pipeline.js';
import { parsePacket } from '../reference/parse.js';
import { trackedOf } from '../reference/tracked.js';
import type { Arena } from './arena.js';
import { shapeOf, type Talk } from './events.js';
import { fillerFrame, frameOf, numberOf } from './frames.js';
import { actsOnce, flowsOf, type Policy } from './program.js';

/** Packets that are handled together. */
const burst = 64;

export interface CtDifference {
  readonly what: string;
  readonly packet: string;
  readonly native: string;
  readonly reference: string;
  /** All packets so far, the last one is that. */
  readonly packets: readonly string[];
}

const hex = (bytes: Uint8Array | undefined): string => (bytes === undefined ? 'nothing' : Buffer.from(bytes).toString('hex'));

/** Where the native data plane and the reference differ in a case, if they do. */
export async function playCt(arena: Arena, policy: Policy, talk: Talk): Promise<CtDifference | undefined> {
  const flows = flowsOf(policy);
  await arena.begin(flows);
  let now: Buffer | undefined;
  // Where more than one translation is right the native one is taken, held to the rules, and kept.
  const connections = new Connections((_, isLegal) => {
    const ends = now && trackedOf(now, parsePacket(now)).ends;
    return ends && isLegal(ends) ? ends : undefined;
  });
  const program = { flows, groups: [], ports: [1, 2], connections };
  const packets: string[] = [];
  let number = 1;
  for (const round of talk.rounds) {
    const frames = round.map((event) => frameOf(number++, shapeOf(event, talk, connections)));
    const fillers = actsOnce(policy) ? [] : Array.from({ length: burst - 1 }, () => fillerFrame);
    const out = new Map(
      (await arena.send(frames.flatMap((frame) => [frame, ...fillers]))).map((frame) => [numberOf(frame), frame]),
    );
    for (const frame of frames) {
      packets.push(hex(frame));
      now = out.get(numberOf(frame));
      const difference = (what: string, reference: string): CtDifference => ({
        what,
        packet: hex(frame),
        native: hex(now),
        reference,
        packets,
      });
      try {
        const wanted = interpret(program, 1, frame).out[0]?.bytes;
        if (hex(wanted) !== hex(now)) return difference('the packet fares differently', hex(wanted));
      } catch (error) {
        return difference(error instanceof Error ? error.message : String(error), 'a translation by the rules');
      }
    }
  }
  return undefined;
}
