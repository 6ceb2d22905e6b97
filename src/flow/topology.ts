import type { VswitchConfig } from '../config/schema.js';
import { VswitchError } from '../model/errors.js';
import { portName, tenantName, type PortName, type PortNumber, type TenantName } from '../model/ids.js';
import type { PortRole } from '../model/port.js';
import type { TenantSlot } from '../switch/types.js';
import { parseIp, parseMac, parsePrefix, type IpAddress, type IpPrefix } from './syntax/address.js';

/** An open port, as flows see it. */
export interface TopologyPort {
  readonly number: PortNumber;
  readonly name: PortName;
  readonly role: PortRole;
  /** 48 bits, as the device has it. */
  readonly mac: bigint;
}

export interface TopologyVm {
  readonly name: string;
  readonly port: PortName;
  readonly mac: bigint;
  readonly addresses: readonly IpAddress[];
}

export interface TopologyNetwork {
  readonly prefix: IpPrefix;
  readonly gateway: IpAddress;
}

export interface TopologyTenant {
  readonly name: TenantName;
  readonly slot: TenantSlot;
  readonly networks: readonly TopologyNetwork[];
  readonly vms: readonly TopologyVm[];
  /** Flows that the tenant may install. */
  readonly flowLimit: number;
}

export interface TopologyUplink {
  readonly port: PortName;
  readonly addresses: readonly IpAddress[];
  readonly nextHopMac: bigint;
}

/** Who is connected where: what flows are checked against and derived from. */
export interface Topology {
  readonly ports: ReadonlyMap<PortName, TopologyPort>;
  readonly tenants: ReadonlyMap<TenantName, TopologyTenant>;
  readonly uplink?: TopologyUplink;
}

export const defaultFlowLimit = 4096;

/** Slots follow the config's order; 0 is the uplink's. */
export const tenantSlots = (config: VswitchConfig): ReadonlyMap<TenantName, TenantSlot> =>
  new Map(Object.keys(config.tenants ?? {}).map((name, i) => [tenantName(name), i + 1]));

/** The topology of a checked config with the ports that are open. */
export function topologyOf(config: VswitchConfig, ports: Iterable<TopologyPort>): Topology {
  const slots = tenantSlots(config);
  const tenants = Object.entries(config.tenants ?? {}).map(([name, tenant]): [TenantName, TopologyTenant] => [
    tenantName(name),
    {
      name: tenantName(name),
      slot: slots.get(tenantName(name)) ?? 0,
      networks: (tenant.networks ?? []).map(({ prefix, gateway }) => ({
        prefix: checked(prefix, parsePrefix),
        gateway: checked(gateway, parseIp),
      })),
      vms: Object.entries(tenant.vms ?? {}).map(([vm, { port, mac, addresses }]) => ({
        name: vm,
        port: portName(port),
        mac: checked(mac, parseMac),
        addresses: addresses.map((address) => checked(address, parseIp)),
      })),
      flowLimit: tenant.limits?.rules ?? defaultFlowLimit,
    },
  ]);
  const { uplink } = config;
  return {
    ports: new Map(Array.from(ports, (port) => [port.name, port])),
    tenants: new Map(tenants),
    ...(uplink && {
      uplink: {
        port: portName(uplink.port),
        addresses: uplink.addresses.map((address) => checked(address, parseIp)),
        nextHopMac: checked(uplink.nextHopMac, parseMac),
      },
    }),
  };
}

function checked<T>(text: string, parse: (text: string) => T | undefined): T {
  const value = parse(text);
  if (value === undefined) throw new VswitchError('INTERNAL', `a checked config has the address ${text}`);
  return value;
}

/** Whose packets a port's are: its tenant's slot, or 0 for an uplink. */
export const slotOfPort = (topology: Topology, port: TopologyPort): TenantSlot =>
  port.role.kind === 'gw' ? (topology.tenants.get(port.role.tenant)?.slot ?? 0) : 0;

export function portByNumber(topology: Topology, number: number): TopologyPort | undefined {
  for (const port of topology.ports.values()) if (port.number === number) return port;
  return undefined;
}
