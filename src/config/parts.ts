import type { TSchema } from 'typebox';
import { jsonPointer } from '../model/errors.js';
import type { FlowText } from '../model/flow.js';
import type { GroupText } from '../model/group.js';
import type { MeterText } from '../model/meter.js';
import { accountingSchema, type AccountingConfig } from './accounting-schema.js';
import { ctLimitsSchema, defaultCtEntries, type CtLimitsConfig } from './conntrack-schema.js';
import { cycleShareSchema, type CycleShareConfig } from './cycle-schema.js';
import { pluginSchema, type PluginConfig } from './plugin-schema.js';
import { pricingSchema, type PricingConfig } from './pricing-schema.js';
import { faultsUnlessRight } from './schema-faults.js';
import {
  flowSchema,
  groupSchema,
  meterSchema,
  networkSchema,
  policySchema,
  portSchema,
  uplinkSchema,
  vmSchema,
} from './schema.js';
import type { NetworkConfig, PolicyEntry, PortConfig, UplinkConfig, VmConfig } from './schema.js';

/** A part of a config that is right by itself, and where it stands. */
export interface Part<T> {
  readonly pointer: string;
  readonly value: T;
}

export interface Named<T> extends Part<T> {
  readonly name: string;
}

/** What an owner's flows are, with the groups and meters that these use. */
export interface SetParts {
  readonly flows: readonly Part<FlowText>[];
  readonly groups: readonly Part<GroupText>[];
  readonly meters: readonly Part<MeterText>[];
}

export interface TenantParts extends SetParts {
  readonly name: string;
  readonly pointer: string;
  readonly networks: readonly Part<NetworkConfig>[];
  readonly vms: readonly Named<VmConfig>[];
  readonly maxFlows: number;
  readonly conntrack: Part<CtLimitsConfig> | undefined;
  readonly cycles: Part<CycleShareConfig> | undefined;
  readonly plugins: readonly Part<PluginConfig>[];
  /** Undefined: the first of the config. */
  readonly tariff: string | undefined;
}

/**
 * A config taken apart, so that the parts which are right can be checked against each other while others are wrong. Of a config
 * without faults these are all its parts.
 */
export interface ConfigParts extends SetParts {
  readonly cores: readonly Part<number>[];
  /** Every name that is given to a port, also to one with faults. */
  readonly declaredPorts: readonly string[];
  readonly ports: readonly Named<PortConfig>[];
  readonly tenants: readonly TenantParts[];
  readonly uplink: Part<UplinkConfig> | undefined;
  readonly policy: readonly Part<PolicyEntry>[];
  readonly accounting: Part<AccountingConfig> | undefined;
  /** Whether there are prices, right or not. */
  readonly priced: boolean;
  readonly pricing: Part<PricingConfig> | undefined;
  /** Connections of all tenants. */
  readonly ctEntries: number;
}

export const defaultTenantFlows = 4096;

export function partsOf(value: unknown): ConfigParts {
  const config = recordOf(value);
  const ports = recordOf(config['ports']);
  const [uplink] = config['uplink'] === undefined ? [] : right<UplinkConfig>(uplinkSchema, config['uplink'], '/uplink');
  const [pricing] = config['pricing'] === undefined ? [] : right<PricingConfig>(pricingSchema, config['pricing'], '/pricing');
  const ctEntries = recordOf(config['conntrack'])['entries'];
  return {
    cores: listOf(recordOf(config['workers'])['cores']).flatMap((core, i) =>
      typeof core === 'number' ? [{ pointer: jsonPointer('workers', 'cores', i), value: core }] : [],
    ),
    declaredPorts: Object.keys(ports),
    ports: named<PortConfig>(portSchema, ports, '/ports'),
    tenants: Object.entries(recordOf(config['tenants'])).map(([name, tenant]) => tenantParts(name, recordOf(tenant))),
    uplink,
    policy: items<PolicyEntry>(policySchema, config['policy'], '/policy'),
    accounting: right<AccountingConfig>(accountingSchema, config['accounting'], '/accounting')[0],
    priced: config['pricing'] !== undefined,
    pricing,
    ctEntries: typeof ctEntries === 'number' ? ctEntries : defaultCtEntries,
    ...setParts(config, ''),
  };
}

function tenantParts(name: string, tenant: Readonly<Record<string, unknown>>): TenantParts {
  const pointer = jsonPointer('tenants', name);
  const limits = recordOf(tenant['limits']);
  const { rules, conntrack: ctLimits = {}, cycles: cycleShare = {} } = limits;
  const { tariff } = tenant;
  const [conntrack] = right<CtLimitsConfig>(ctLimitsSchema, ctLimits, `${pointer}/limits/conntrack`);
  const [cycles] = right<CycleShareConfig>(cycleShareSchema, cycleShare, `${pointer}/limits/cycles`);
  return {
    name,
    pointer,
    networks: items<NetworkConfig>(networkSchema, tenant['networks'], `${pointer}/networks`),
    vms: named<VmConfig>(vmSchema, recordOf(tenant['vms']), `${pointer}/vms`),
    ...setParts(tenant, pointer),
    maxFlows: typeof rules === 'number' ? rules : defaultTenantFlows,
    conntrack,
    cycles,
    plugins: items<PluginConfig>(pluginSchema, tenant['plugins'], `${pointer}/plugins`),
    tariff: typeof tariff === 'string' ? tariff : undefined,
  };
}

const setParts = (owner: Readonly<Record<string, unknown>>, pointer: string): SetParts => ({
  flows: items<FlowText>(flowSchema, owner['flows'], `${pointer}/flows`),
  groups: items<GroupText>(groupSchema, owner['groups'], `${pointer}/groups`),
  meters: items<MeterText>(meterSchema, owner['meters'], `${pointer}/meters`),
});

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : {};

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The value, where its own schema accepts it. */
const right = <T>(schema: TSchema, value: unknown, pointer: string): Part<T>[] =>
  faultsUnlessRight(schema, value).length === 0 ? [{ pointer, value: value as T }] : [];

const items = <T>(schema: TSchema, list: unknown, pointer: string): Part<T>[] =>
  listOf(list).flatMap((item, i) => right<T>(schema, item, pointer + jsonPointer(i)));

const named = <T>(schema: TSchema, record: Readonly<Record<string, unknown>>, pointer: string): Named<T>[] =>
  Object.entries(record).flatMap(([name, item]) =>
    right<T>(schema, item, pointer + jsonPointer(name)).map((part) => ({ name, ...part })),
  );
