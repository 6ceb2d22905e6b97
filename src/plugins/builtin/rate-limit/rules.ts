import { PluginError, type PluginTopology, type PluginVm, type Rule, type RuleStock } from '../../sdk/index.js';
import { ethType, familyOf, type Family } from '../shared/prefix.js';
import type { Limit } from './options.js';

type Match = NonNullable<Rule['match']>;
type Meter = NonNullable<RuleStock['meters']>[number];

/** Of the first limit of a direction; those that follow are below it. */
const priorities = { out: 4000, in: 2000, noMore: 1 } as const;
const protocols = { tcp: 6, udp: 17, sctp: 132 } as const;

/** Bit 0 of `metadata` says that what is sent has been metered. */
const notYet = '0/1';
const done = '1/1';
const leave: Rule['actions'] = [{ type: 'set_field', field: 'metadata', value: notYet }, { type: 'continue' }];

/** @throws PluginError for ports without a protocol. */
export function limitRules(
  limits: readonly Limit[],
  { vms }: PluginTopology,
): { readonly rules: Rule[]; readonly stock: { readonly meters: Meter[] } } {
  const faults = limits.flatMap((limit, i) => faultsOf(limit, `/limits/${i}/ports`));
  if (faults.length > 0) throw new PluginError('PLUGIN_INVALID', 'the options of rate-limit have faults', faults);
  const meters: Meter[] = [];
  const meterOf = ({ unit, rate, burst }: Limit): number => {
    const meter = meters.length + 1;
    meters.push({ meter, unit, bands: [{ type: 'drop', rate, ...(burst === undefined ? {} : { burst_size: burst }) }] });
    return meter;
  };
  const both = new Set(limits.map(({ direction }) => direction)).size === 2;
  const rules = limits.flatMap((limit, i) => {
    const chosen = vms.filter(({ name }) => limit.vms?.includes(name) ?? true);
    const shared = limit.together && chosen.length > 0 ? meterOf(limit) : undefined;
    return chosen.flatMap((vm) => {
      const meter = { type: 'meter' as const, meter: shared ?? meterOf(limit) };
      return limit.direction === 'out'
        ? sent(limit, vm, priorities.out - i, meter, both)
        : got(limit, vm, priorities.in - i, meter);
    });
  });
  const noMore: Rule = { priority: priorities.noMore, match: { metadata: done }, actions: leave };
  return { rules: both ? [...rules, noMore] : rules, stock: { meters } };
}

type MeterAction = Rule['actions'][number];

/** @param both whether what it gets is metered too, which is then looked up. */
function sent(limit: Limit, { port, mac }: PluginVm, priority: number, meter: MeterAction, both: boolean): Rule[] {
  const next: Rule['actions'] = both
    ? [
        { type: 'write_metadata', value: done },
        { type: 'resubmit', table: 0 },
      ]
    : [{ type: 'continue' }];
  const kinds: readonly Match[] = limit.protocol === undefined ? [{}] : ([4, 6] as const).map((family) => kindOf(limit, family));
  return kinds.map((kind) => ({
    priority,
    match: { in_port: port, eth_src: mac, metadata: notYet, ...kind },
    actions: [meter, ...next],
  }));
}

const got = (limit: Limit, { addresses }: PluginVm, priority: number, meter: MeterAction): Rule[] =>
  addresses.map((address) => {
    const family = familyOf(address);
    return { priority, match: { ...kindOf(limit, family), [`ipv${family}_dst`]: address }, actions: [meter, ...leave] };
  });

const kindOf = ({ protocol, ports }: Limit, family: Family): Match => ({
  eth_type: ethType[family],
  ...(protocol === undefined ? {} : { ip_proto: protocols[protocol] }),
  ...(protocol === undefined || ports === undefined ? {} : { [`${protocol}_dst`]: ports }),
});

function faultsOf({ protocol, ports }: Limit, pointer: string) {
  const [low = 0, high = low] = (ports ?? '0').split('-').map(Number);
  const message =
    ports !== undefined && protocol === undefined ? 'are of a protocol' : low > high || high > 65535 ? 'are no range' : undefined;
  return message === undefined
    ? []
    : [{ pointer, value: ports, message, remedy: 'give a protocol, and ports up to 65535 as `443` or `8000-8999`' }];
}
