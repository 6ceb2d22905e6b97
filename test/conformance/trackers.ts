import type { Flow } from '../../src/model/flow.js';
import { Arena, type PortFrame } from '../support/ct-cases/arena.js';
import { numberOf } from '../support/ct-cases/frames.js';
import { Connections } from '../support/reference/conntrack.js';
import { parsePacket } from '../support/reference/parse.js';
import { interpret } from '../support/reference/pipeline.js';
import { trackedOf, type Ends } from '../support/reference/tracked.js';
import type { CtCase } from './ct-dialogues.js';
import { translate } from './ct-policies.js';

/** A switch that keeps connections from packet to packet. */
export interface Tracker {
  /** What comes of each packet. */
  play(flows: readonly Flow[], { policy, packets }: CtCase): Promise<PortFrame[][]>;
  close(): Promise<void>;
}

/** The native data plane; once in a process. */
export async function nativeTracker(checkWindow: boolean): Promise<Tracker> {
  const arena = await Arena.start({ checkWindow });
  return {
    play: async (flows, { packets }) => {
      await arena.begin(flows);
      const outs = packets.map((): PortFrame[] => []);
      for (const out of await arena.converse(packets)) outs[numberOf(out.frame) - 1]!.push(out);
      return outs;
    },
    close: () => arena.close(),
  };
}

/** @param natives what the native data plane sent: of translations that are as right as others it takes its. */
export function playReference(
  flows: readonly Flow[],
  { policy, packets }: CtCase,
  natives?: readonly PortFrame[][],
): PortFrame[][] {
  let native: Uint8Array | undefined;
  const connections = new Connections(({ family, proto, ends, kind }, isLegal) => {
    const fixed = translate(policy, policy.nat !== 'dst', family, proto === 1 || proto === 58, ends);
    const others = Array.from({ length: 64 }, (_, i): Ends => {
      const port = 1024 + i;
      return { ...fixed, ...(kind === 'request' ? { srcPort: port, dstPort: port } : { [`${policy.nat ?? 'src'}Port`]: port }) };
    });
    const chosen = native ? [trackedOf(native, parsePacket(native)).ends] : [];
    return [fixed, ...(natives ? chosen : others)].find(isLegal);
  });
  const program = { flows, groups: [], ports: [1, 2, 3, 4], connections };
  return packets.map(({ port, frame }, i) => {
    native = natives?.[i]?.[0]?.frame;
    return interpret(program, port, frame).out.map(({ port, bytes }) => ({ port, frame: bytes }));
  });
}

export const referenceTracker: Tracker = {
  play: async (flows, played) => playReference(flows, played),
  close: async () => undefined,
};
