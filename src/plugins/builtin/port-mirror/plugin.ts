import { definePlugin } from '../../sdk/index.js';
import { keepRules } from '../shared/keep-rules.js';
import { optionsSchema } from './options.js';
import { mirrorRules } from './rules.js';

/** Copies what VMs send and get to a port of the tenant, or into a VXLAN. */
export const plugin = definePlugin({
  name: 'port-mirror',
  version: '1.0.0',
  description: 'copies packets of VMs to a port, or to a collector by VXLAN',
  headers: ['ethernet', 'ipv4', 'ipv6'],
  options: optionsSchema,
  async setup(ctx) {
    await keepRules(ctx, () => {
      const plan = mirrorRules(ctx.options, ctx.topology);
      if (plan.rules.length === 0)
        ctx.log.warn('nothing is mirrored: there is no open uplink with an address of this IP version');
      return plan;
    });
  },
});
