import { definePlugin, Type } from '../../src/plugins/sdk/index.js';

/** Looks at a byte of every packet of its tenant, and lets it go on or keeps it. */
export const plugin = definePlugin({
  name: 'every-packet',
  version: '1.0.0',
  description: 'takes every packet',
  headers: [],
  options: Type.Object({ verdict: Type.Union([Type.Literal('consume'), Type.Literal('forward')]) }),
  setup(ctx) {
    const forwards = ctx.options.verdict === 'forward';
    ctx.onPackets({}, (batch) => {
      for (const packet of batch) {
        if (forwards && (packet.bytes[0] ?? 0) < 255) packet.forward();
        else packet.consume();
      }
    });
  },
});
