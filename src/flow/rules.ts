import { familyBits, prefixMask } from '../model/address.js';
import type { Action } from '../model/action.js';
import { rankOf, type Band, type Flow } from '../model/flow.js';
import type { Bucket, Group } from '../model/group.js';
import type { Owner } from '../model/ids.js';
import { fieldOf, fullMask, type FieldMatch, type FieldName } from '../model/match.js';
import type { Topology } from '../model/topology.js';
import type { PlacedGroup, SteeringRule, TenantSlot } from '../switch/types.js';
import { permittedActions } from './isolation.js';
import type { Kept } from './kept.js';
import { mayRefer } from './references.js';
import type { Reach } from './topology.js';

/** A flow and where it comes from; what the data plane's rules are made of. */
export interface OwnedFlow extends Flow {
  readonly owner: Owner;
  readonly band: Band;
}

/** A rule that a flow needs in the table set of one slot. */
export interface Placement {
  readonly slot: TenantSlot;
  readonly actions: readonly Action[];
}

export const uplinkSlot: TenantSlot = 0;
const uplinkOnly: readonly TenantSlot[] = [uplinkSlot];

/** The data plane's numbers of an owner's groups and meters. */
export interface Numbering {
  group(owner: Owner, id: number): number;
  meter(owner: Owner, id: number): number;
}

/** One rule for each slot whose packets the flow concerns. */
export function placementsOf(flow: OwnedFlow, topology: Topology, reach: Reach, numbering: Numbering): Placement[] {
  const actions = numbered(flow.owner, permittedActions(flow.owner, flow.actions, topology, reach), numbering);
  const placements: Placement[] = [];
  for (const slot of slotsOf(flow, topology)) placements.push({ slot, actions });
  return placements;
}

/** A group as the data plane gets it. */
export function placedGroup(
  { owner, value, number }: Kept<Group>,
  topology: Topology,
  reach: Reach,
  numbering: Numbering,
): PlacedGroup {
  const buckets = value.buckets.map((bucket): Bucket => {
    const { watchGroup: watched } = bucket;
    const actions = numbered(owner, permittedActions(owner, bucket.actions, topology, reach), numbering);
    return { ...bucket, watchGroup: watched === undefined ? undefined : numbering.group(owner, watched), actions };
  });
  return { number, group: { type: value.type, hash: value.hash, buckets } };
}

/** The same actions with the data plane's numbers. */
function numbered(owner: Owner, actions: readonly Action[], numbering: Numbering): readonly Action[] {
  if (!mayRefer(actions)) return actions;
  return actions.map((action): Action => {
    switch (action.type) {
      case 'group':
        return { type: 'group', group: numbering.group(owner, action.group) };
      case 'meter':
        return { type: 'meter', meter: numbering.meter(owner, action.meter) };
      case 'write_actions':
        return { type: 'write_actions', actions: numbered(owner, action.actions, numbering) };
      default:
        return action;
    }
  });
}

/**
 * A tenant's flows run for its packets. Those of the operator run for everybody whose packets they can match: behind a Gw port there
 * is one tenant, behind an uplink there may be all, and nobody.
 */
function slotsOf({ owner, band, match }: OwnedFlow, topology: Topology): readonly TenantSlot[] {
  if (owner.kind === 'tenant') return slotOf(topology, owner.tenant);
  if (band === 'derived') return uplinkOnly;
  const port = topology.portByNumber.get(Number(match.get('in_port')?.value ?? 0n));
  if (port?.role.kind === 'gw') return slotOf(topology, port.role.tenant);
  return allSlots(topology);
}

const slotsByTopology = new WeakMap<Topology, readonly TenantSlot[]>();

/** One list for all flows that concern everybody. */
function allSlots(topology: Topology): readonly TenantSlot[] {
  const found = slotsByTopology.get(topology) ?? [uplinkSlot, ...topology.tenants.map((tenant) => tenant.slot)];
  slotsByTopology.set(topology, found);
  return found;
}

const slotOf = ({ tenantByName }: Topology, tenant: string): TenantSlot[] => {
  const found = tenantByName.get(tenant);
  return found ? [found.slot] : [];
};

export const rankOfFlow = ({ band, priority }: OwnedFlow): number => rankOf(band, priority);

/** Whose an uplink's packets are: the tenant's whose network has the destination. A longer prefix wins. */
export function steeringOf({ tenants }: Topology): Omit<SteeringRule, 'id'>[] {
  return tenants.flatMap(({ slot, networks }) =>
    networks.map(({ prefix: { family, value, length } }) => {
      const name: FieldName = family === 4 ? 'ipv4_dst' : 'ipv6_dst';
      const type = { value: family === 4 ? 0x0800n : 0x86ddn, mask: fullMask(fieldOf('eth_type').spec.bits) };
      const destination: FieldMatch = { value, mask: prefixMask(length, familyBits[family]) };
      const match = new Map<FieldName, FieldMatch>([['eth_type', type]]);
      if (length > 0) match.set(name, destination);
      return { rank: length, match, slot };
    }),
  );
}
