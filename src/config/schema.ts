import { Type, type Static, type TSchema } from 'typebox';
import { accountingSchema } from './accounting-schema.js';
import { conntrackSchema, ctLimitsSchema } from './conntrack-schema.js';
import { cycleShareSchema } from './cycle-schema.js';
import { flowSchema, groupSchema, meterSchema } from './flow-schema.js';
import { maxTenantPlugins, pluginHostSchema, pluginSchema, pluginsSchema } from './plugin-schema.js';
import { pricingSchema } from './pricing-schema.js';
import { ipSchema, macSchema, nameSchema, oneOf, optional, strict } from './schema-parts.js';

export { actionSchema, flowIdentitySchema, flowSchema, groupSchema, matchSchema, meterSchema } from './flow-schema.js';
export type { AccountingConfig, ExportConfig } from './accounting-schema.js';
export { defaultCtEntries, type ConntrackConfig, type CtLimitsConfig } from './conntrack-schema.js';
export { defaultCycleWeight, type CycleShareConfig } from './cycle-schema.js';
export { defaultFirstUid, type PluginConfig, type PluginHostConfig } from './plugin-schema.js';
export { priceKeys, pricingSchema, type PriceConfig, type PricingConfig, type TariffConfig } from './pricing-schema.js';
export { macSchema, maxPorts, maxTables, maxTenants, nameSchema } from './schema-parts.js';

/**
 * One schema gives the static type, the config check, the API check, the OpenAPI text and the CLI's help. What a schema cannot
 * say (names that refer to each other, addresses inside their network) is checked in resolve.ts.
 */

const prefixSchema = Type.String({
  minLength: 4,
  maxLength: 49,
  description: 'an IPv4 or IPv6 prefix, for example `10.0.0.0/24`',
});
/** A name that goes into a DPDK device argument: nothing that its parser would split. */
const pathSchema = Type.String({
  pattern: '^/[^,=\\s]{1,106}$',
  description: 'an absolute path without comma, equals sign or space',
});
const interfaceSchema = Type.String({ pattern: '^[^,=/\\s]{1,15}$', description: 'a Linux network interface' });

// Ports

const portCommon = {
  role: optional(Type.Literal('uplink', { description: 'the port is an In/Out VF' })),
  tenant: optional(nameSchema),
  mac: optional(macSchema),
  mtu: optional(Type.Integer({ minimum: 68, maximum: 9702, description: 'bytes of the largest layer-3 packet' })),
  rxQueues: optional(Type.Integer({ minimum: 1, maximum: 16, default: 1 })),
  rxDescriptors: optional(Type.Integer({ minimum: 64, maximum: 8192, default: 512 })),
  txDescriptors: optional(Type.Integer({ minimum: 64, maximum: 8192, default: 512 })),
};
const portOf = <const T extends string, const P extends Record<string, TSchema>>(type: T, properties: P, description: string) =>
  Type.Object({ type: Type.Literal(type), ...portCommon, ...properties }, { ...strict, description });

export const portSchema = Type.Union([
  portOf(
    'pci',
    {
      address: Type.String({
        pattern: '^[0-9a-fA-F]{4}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\\.[0-7]$',
        description: 'a PCI address, for example `0000:3b:02.1`',
      }),
    },
    'a VF bound to vfio-pci',
  ),
  portOf(
    'af_xdp',
    { interface: interfaceSchema, startQueue: optional(Type.Integer({ minimum: 0, maximum: 1023 })) },
    'a kernel interface by AF_XDP',
  ),
  portOf('af_packet', { interface: interfaceSchema }, 'a kernel interface by packet socket'),
  portOf('tap', { interface: interfaceSchema }, 'a new tap interface'),
  portOf(
    'memif',
    { socket: pathSchema, id: optional(Type.Integer({ minimum: 0, maximum: 65535 })), mode: oneOf(['server', 'client']) },
    'shared memory with another process',
  ),
  portOf('virtio_user', { path: pathSchema, server: optional(Type.Boolean()) }, 'the front end of a vhost-user socket'),
  portOf('vhost_user', { path: pathSchema, client: optional(Type.Boolean()) }, 'the back end of a vhost-user socket'),
  portOf('ring', {}, 'a loop: what is sent comes back'),
  portOf(
    'pcap',
    {
      rxFile: optional(pathSchema),
      txFile: optional(pathSchema),
      infinite: optional(Type.Boolean({ description: 'repeat rxFile for ever' })),
    },
    'capture files',
  ),
  portOf(
    'null',
    {
      packetSize: optional(Type.Integer({ minimum: 60, maximum: 9000 })),
      receive: optional(Type.Boolean({ description: 'make packets of zeros; default false' })),
    },
    'sends to nowhere',
  ),
]);

// Tenants

export const networkSchema = Type.Object(
  {
    prefix: prefixSchema,
    gateway: ipSchema,
    vlan: optional(Type.Integer({ minimum: 1, maximum: 4094, description: 'the port VLAN that the NIC adds and strips (VST)' })),
  },
  strict,
);
export const vmSchema = Type.Object(
  { port: nameSchema, mac: macSchema, addresses: Type.Array(ipSchema, { minItems: 1, maxItems: 16 }) },
  strict,
);
const tenantSchema = Type.Object(
  {
    networks: optional(Type.Array(networkSchema, { maxItems: 64 })),
    vms: optional(Type.Record(nameSchema, vmSchema)),
    tariff: optional(nameSchema),
    flows: optional(Type.Array(flowSchema)),
    groups: optional(Type.Array(groupSchema)),
    meters: optional(Type.Array(meterSchema)),
    limits: optional(
      Type.Object(
        {
          rules: optional(Type.Integer({ minimum: 0, maximum: 2_000_000, default: 4096 })),
          conntrack: optional(ctLimitsSchema),
          cycles: optional(cycleShareSchema),
        },
        strict,
      ),
    ),
    plugins: optional(Type.Array(pluginSchema, { maxItems: maxTenantPlugins })),
    pluginHost: optional(pluginHostSchema),
  },
  strict,
);
export const policySchema = Type.Object(
  { from: nameSchema, to: nameSchema },
  { ...strict, description: 'packets from a VM of one tenant may reach the VMs of another' },
);

export const uplinkSchema = Type.Object(
  {
    port: nameSchema,
    addresses: Type.Array(ipSchema, { minItems: 1, maxItems: 8, description: "the switch's own addresses on the uplink" }),
    nextHopMac: macSchema,
  },
  strict,
);

// The whole

export const configSchema = Type.Object(
  {
    name: nameSchema,
    workers: Type.Object(
      {
        cores: Type.Array(Type.Integer({ minimum: 0, maximum: 1023 }), { minItems: 1, maxItems: 16 }),
        idle: optional(
          Type.Union([
            Type.Object({ mode: Type.Literal('poll') }, strict),
            Type.Object(
              {
                mode: Type.Literal('adaptive'),
                maxSleepUs: optional(Type.Integer({ minimum: 10, maximum: 10_000, default: 10_000 })),
              },
              strict,
            ),
          ]),
        ),
      },
      strict,
    ),
    memory: optional(
      Type.Object(
        {
          hugepages: optional(oneOf(['auto', 'require', 'never'])),
          mib: optional(Type.Integer({ minimum: 32, maximum: 65536, default: 64 })),
          mbufs: optional(Type.Integer({ minimum: 1023, maximum: 1_048_575, default: 16383 })),
        },
        strict,
      ),
    ),
    ports: Type.Record(nameSchema, portSchema),
    onPortError: optional(oneOf(['refuse', 'continue'])),
    uplink: optional(uplinkSchema),
    tenants: optional(Type.Record(nameSchema, tenantSchema)),
    policy: optional(Type.Array(policySchema)),
    flows: optional(Type.Array(flowSchema)),
    groups: optional(Type.Array(groupSchema)),
    meters: optional(Type.Array(meterSchema)),
    limits: optional(
      Type.Object(
        {
          rules: optional(
            Type.Integer({
              minimum: 1,
              maximum: 2_000_000,
              default: 65_536,
              description: 'rules of all owners, as installed in the data plane',
            }),
          ),
          masksPerTable: optional(
            Type.Integer({
              minimum: 1,
              maximum: 64,
              default: 32,
              description: 'different masks in one table: the bound of its look-up cost',
            }),
          ),
          repliesPerSecond: optional(
            Type.Integer({
              minimum: 1,
              maximum: 1_000_000,
              default: 1000,
              description: "answers of a tenant's gateways in a second, of each worker: ARP, neighbour discovery, ICMP",
            }),
          ),
          tableMib: optional(
            Type.Integer({ minimum: 1, maximum: 65_536, default: 256, description: 'memory of one table of a tenant, at most' }),
          ),
        },
        strict,
      ),
    ),
    conntrack: optional(conntrackSchema),
    api: optional(
      Type.Object(
        {
          socket: optional(Type.String({ pattern: '^/[^\\s]{1,100}$' })),
          tcp: optional(
            Type.Object(
              { port: Type.Integer({ minimum: 1, maximum: 65535 }), token: Type.String({ minLength: 16, maxLength: 256 }) },
              strict,
            ),
          ),
        },
        strict,
      ),
    ),
    accounting: optional(accountingSchema),
    pricing: optional(pricingSchema),
    plugins: optional(pluginsSchema),
  },
  strict,
);

export type VswitchConfig = Static<typeof configSchema>;
export type PortConfig = Static<typeof portSchema>;
export type TenantConfig = Static<typeof tenantSchema>;
export type NetworkConfig = Static<typeof networkSchema>;
export type VmConfig = Static<typeof vmSchema>;
export type UplinkConfig = Static<typeof uplinkSchema>;
export type PolicyEntry = Static<typeof policySchema>;
