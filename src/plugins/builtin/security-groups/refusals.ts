import type { PacketHandler, PluginContext } from '../../sdk/index.js';
import { addressText, endsOf, layersOf } from '../shared/headers.js';
import type { Direction } from './options.js';

/** Lines of the log in a second; of more, only the number of packets is known. */
const linesPerSecond = 10;

/** Drops what no rule allows, and tells of it. */
export function refuse(ctx: PluginContext): (direction: Direction) => PacketHandler {
  let [second, lines] = [0, 0];
  return (direction) => {
    const refused = ctx.metrics.counter(`refused_${direction}`);
    return (batch) => {
      const now = Math.floor(ctx.timers.now() / 1000);
      if (now !== second) [second, lines] = [now, 0];
      for (const packet of batch) {
        refused.add();
        if (lines++ < linesPerSecond)
          ctx.log.info('a packet was refused', { direction, port: packet.port, ...endsText(packet.bytes) });
        packet.drop();
      }
    };
  };
}

function endsText(frame: Uint8Array): Readonly<Record<string, string | number>> {
  const layers = layersOf(frame);
  if (!layers) return {};
  const { protocol, payload, end } = layers;
  const { source, destination } = endsOf(frame, layers);
  const port = (at: number): number => ((frame[at] ?? 0) << 8) | (frame[at + 1] ?? 0);
  const hasPorts = (protocol === 6 || protocol === 17 || protocol === 132) && payload + 4 <= end;
  return {
    protocol,
    from: addressText(source),
    to: addressText(destination),
    ...(hasPorts ? { source_port: port(payload), destination_port: port(payload + 2) } : {}),
  };
}
