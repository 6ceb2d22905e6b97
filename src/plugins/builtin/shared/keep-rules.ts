import type { PluginContext, Rule, RuleStock } from '../../sdk/index.js';

/** The rules that fit the topology as it is, with the groups and meters that they name. */
export type Plan = Rule[] | { readonly rules: readonly Rule[]; readonly stock: RuleStock };

/** Gives the switch the plan's rules, now and whenever the tenant's ports or VMs change. @throws PluginError of the first time. */
export async function keepRules(ctx: Pick<PluginContext, 'rules' | 'on' | 'log'>, plan: () => Plan): Promise<void> {
  const apply = async (): Promise<void> => {
    const made = plan();
    await (Array.isArray(made) ? ctx.rules.replace(made) : ctx.rules.replace(made.rules, made.stock));
  };
  ctx.on('topology_changed', () => {
    apply().catch((error: unknown) => ctx.log.error('the rules could not follow the topology', { why: String(error) }));
  });
  await apply();
}
