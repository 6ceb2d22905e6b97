import { definePlugin, Type } from '../../sdk/index.js';
import { keepRules } from '../shared/keep-rules.js';
import { limitSchema } from './options.js';
import { limitRules } from './rules.js';

/** Keeps VMs to rates, alone or together. */
export const plugin = definePlugin({
  name: 'rate-limit',
  version: '1.0.0',
  description: 'drops what VMs send or get beyond a rate',
  headers: ['ethernet', 'ipv4', 'ipv6', 'transport'],
  options: Type.Object(
    { limits: Type.Array(limitSchema, { maxItems: 256, description: 'for each direction the first that fits a packet counts' }) },
    { additionalProperties: false },
  ),
  async setup(ctx) {
    await keepRules(ctx, () => limitRules(ctx.options.limits, ctx.topology));
  },
});
