import { Type, type Static, type TLiteral, type TSchema, type TUnion } from 'typebox';
import { explicitDropReasons, settableFields } from '../model/action.js';
import { matchFields, type FieldName } from '../model/match.js';
import { maxPriority } from '../model/flow.js';

/**
 * One schema gives the static type, the config check, the API check, the OpenAPI text and the CLI's help. What a schema cannot
 * say (names that refer to each other, addresses inside their network) is checked in resolve.ts.
 */
const strict = { additionalProperties: false } as const;
type LiteralsOf<T extends readonly string[]> = { -readonly [K in keyof T]: TLiteral<T[K]> };
type OneOf<T extends readonly string[]> = TUnion<LiteralsOf<T> extends infer U extends TSchema[] ? U : never>;
// The return type is written out: inferred, it is computed before T is known, and its static type is never.
const oneOf = <const T extends readonly string[]>(values: T): OneOf<T> =>
  Type.Union(values.map((v) => Type.Literal(v))) as TSchema as OneOf<T>;
const optional = <T extends TSchema>(schema: T) => Type.Optional(schema);

export const maxPorts = 254;
export const maxTenants = 63;
/** Without goto_table, only table 0 can be reached. */
export const maxTables = 1;

export const nameSchema = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,30}$',
  description: 'a name: 1 to 31 letters, digits, `_`, `.`, `-`, beginning with a letter or digit',
});
export const macSchema = Type.String({
  pattern: '^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$',
  description: 'a MAC address, for example `02:00:00:00:00:01`',
});
const ipSchema = Type.String({ minLength: 2, maxLength: 45, description: 'an IPv4 or IPv6 address' });
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

// Flows

const valueSchema = Type.Union([Type.String({ maxLength: 100 }), Type.Integer({ minimum: 0 })]);
export const matchSchema = Type.Object(
  Object.fromEntries(matchFields.map((f) => [f.name, optional(valueSchema)])) as Record<
    FieldName,
    ReturnType<typeof Type.Optional<typeof valueSchema>>
  >,
  { ...strict, description: 'OXM fields; a value, `value/mask`, or a prefix' },
);
const outputPortSchema = Type.Union(
  [Type.String({ minLength: 1, maxLength: 31 }), Type.Integer({ minimum: 1, maximum: maxPorts })],
  {
    description: 'a port by name or number, or `in_port`',
  },
);
export const actionSchema = Type.Union([
  Type.Object({ type: Type.Literal('output'), port: outputPortSchema }, strict),
  Type.Object({ type: Type.Literal('drop'), reason: optional(oneOf(explicitDropReasons)) }, strict),
  Type.Object({ type: Type.Literal('set_field'), field: oneOf(settableFields), value: valueSchema }, strict),
  Type.Object({ type: Type.Literal('dec_ttl') }, strict),
  Type.Object({ type: Type.Literal('arp_reply'), mac: macSchema }, strict),
]);
const flowIdentity = {
  table: optional(Type.Integer({ minimum: 0, maximum: maxTables - 1, default: 0 })),
  priority: optional(Type.Integer({ minimum: 0, maximum: maxPriority, default: 32768 })),
  match: optional(matchSchema),
  cookie: optional(Type.Union([Type.Integer({ minimum: 0 }), Type.String({ pattern: '^(0x[0-9a-fA-F]{1,16}|[0-9]{1,20})$' })])),
};
export const flowSchema = Type.Object({ ...flowIdentity, actions: Type.Array(actionSchema, { maxItems: 64 }) }, strict);
export const flowIdentitySchema = Type.Object(flowIdentity, strict);
export const flowOperationSchema = Type.Union([
  Type.Object({ op: Type.Literal('add'), flow: flowSchema }, strict),
  Type.Object({ op: Type.Literal('modify'), flow: flowSchema }, strict),
  Type.Object({ op: Type.Literal('delete'), flow: flowIdentitySchema }, strict),
]);

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
    flows: optional(Type.Array(flowSchema)),
    limits: optional(Type.Object({ rules: optional(Type.Integer({ minimum: 0, maximum: 1_000_000, default: 4096 })) }, strict)),
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

const priceSchema = Type.Integer({ minimum: 0, maximum: 1_000_000_000_000, description: 'millionths of the currency unit' });
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
                maxSleepUs: optional(Type.Integer({ minimum: 10, maximum: 10_000, default: 1000 })),
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
          mib: optional(Type.Integer({ minimum: 32, maximum: 65536, default: 96 })),
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
    limits: optional(
      Type.Object(
        {
          rules: optional(
            Type.Integer({
              minimum: 1,
              maximum: 1_000_000,
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
        },
        strict,
      ),
    ),
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
    pricing: optional(
      Type.Object(
        {
          currency: Type.String({ pattern: '^[A-Z]{3}$', description: 'a currency code of ISO 4217, for example `EUR`' }),
          perGigacycleMicro: optional(priceSchema),
          perGibMicro: optional(priceSchema),
          perMillionPacketsMicro: optional(priceSchema),
        },
        strict,
      ),
    ),
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
