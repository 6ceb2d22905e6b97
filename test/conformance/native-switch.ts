import { answerOf } from '../../src/replay/answer.js';
import { openReplay } from '../../src/replay/session.js';
import { portNames, type JudgedSwitch } from './switch.js';

/** The native data plane, by the engine of `vswitch replay`, without workers. One in a process: DPDK starts once. */
export async function nativeSwitch(maxRules = 65_536): Promise<JudgedSwitch> {
  const session = await openReplay({ ports: portNames, maxRules });
  return {
    run: async (flows, packets) => {
      await session.load({ flows });
      const probes = packets.map(({ in_port, packet }) => ({
        inPort: session.ports.find(in_port)!,
        bytes: Buffer.from(packet, 'hex'),
      }));
      const results = await session.dataPlane.probe(probes, false);
      return results.map((result) => answerOf(result, session.names));
    },
    close: () => session.close(),
  };
}
