import { definePlugin } from '../../sdk/index.js';
import { keepRules } from '../shared/keep-rules.js';
import { identitiesOf } from './identities.js';
import { optionsSchema } from './options.js';
import { checkRules } from './policy.js';
import { refuse } from './refusals.js';
import { priorities, rulesOf } from './rules.js';
import { at } from './stages.js';

/** A stateful firewall: who may open connections to whom, by groups of addresses. */
export const plugin = definePlugin({
  name: 'security-groups',
  version: '1.0.0',
  description: 'lets VMs open and answer only the connections that the rules of their groups allow',
  headers: ['ethernet', 'ipv4', 'ipv6', 'transport'],
  options: optionsSchema,
  onFailure: 'keep',
  async setup(ctx) {
    const { options } = ctx;
    checkRules(options);
    let state = { flows: 0, groups: {} as Record<string, number> };

    if (options.log) {
      const handler = refuse(ctx);
      for (const direction of ['egress', 'ingress'] as const)
        ctx.onPackets(at(options.zone, direction), handler(direction), { priority: priorities.refused });
    }
    ctx.route('GET', '/state', () => ({ body: state }));
    await keepRules(ctx, () => {
      const identities = identitiesOf(options, ctx.topology);
      for (const member of identities.unknown)
        ctx.log.warn('a member of a security group is neither a VM of the tenant nor an address', { member });
      const rules = rulesOf(options, ctx.topology, identities);
      state = {
        flows: rules.length + (options.log ? 2 : 0),
        groups: Object.fromEntries(identities.all.map(({ groups, id }) => [groups.join(' ') || 'no group', id])),
      };
      return rules;
    });
  },
});
