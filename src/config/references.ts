import { isGroupMac, parseMac } from '../model/address.js';
import type { Fault } from '../model/errors.js';
import { accountingFaults } from './accounting-faults.js';
import { addressFaults } from './address-faults.js';
import { conntrackFaults } from './conntrack-faults.js';
import { cycleFaults } from './cycle-faults.js';
import { nearest } from './nearest.js';
import type { ConfigParts, Named } from './parts.js';
import { pricingFaults } from './pricing-faults.js';
import { repeated, type Keyed } from './repeated.js';
import { maxPorts, maxTenants, type PortConfig } from './schema.js';

/** What a schema cannot say: names that refer to each other, things that may be there once. Every fault at once. */
export const referenceFaults = (parts: ConfigParts): Fault[] => [
  ...repeated(
    parts.cores.map(({ pointer, value }) => ({ pointer, value, key: String(value) })),
    'a core has one worker',
    'name each core once',
  ),
  ...portFaults(parts),
  ...tenantCount(parts),
  ...vmPortFaults(parts),
  ...uplinkFaults(parts),
  ...macFaults(parts),
  ...addressFaults(parts),
  ...policyEntryFaults(parts),
  ...conntrackFaults(parts),
  ...accountingFaults(parts),
  ...pricingFaults(parts),
  ...cycleFaults(parts),
  ...parts.tenants.flatMap(({ plugins }) =>
    repeated(
      plugins.map(({ pointer, value: { name } }) => ({ pointer: `${pointer}/name`, value: name, key: name })),
      'another plugin of the tenant has this name',
      'give each a name of its own, and its `path`',
    ),
  ),
];

function unknownName(pointer: string, what: string, name: string, known: readonly string[]): Fault {
  const meant = nearest(name, known);
  const there = known.length === 0 ? `the config has no ${what}s` : `there is ${known.join(', ')}`;
  return {
    pointer,
    value: name,
    message: `there is no ${what} ${name}`,
    remedy: meant === undefined ? there : `did you mean "${meant}"?`,
  };
}

/** Names that mean something else where a port is named in a flow. */
const reservedPortNames = ['in_port'];

function portFaults({ ports, declaredPorts, tenants }: ConfigParts): Fault[] {
  const tenantNames = tenants.map(({ name }) => name);
  const faults: Fault[] = [];
  if (declaredPorts.length > maxPorts)
    faults.push({
      pointer: '/ports',
      value: declaredPorts.length,
      message: `there are ${declaredPorts.length} ports`,
      remedy: `have at most ${maxPorts}`,
    });
  for (const port of ports) {
    const { name, pointer, value } = port;
    const { role, tenant } = value;
    if (reservedPortNames.includes(name.toLowerCase()))
      faults.push({
        pointer,
        value: name,
        message: 'the name means the port that a packet came from',
        remedy: 'choose another name',
      });
    if ((role === undefined) === (tenant === undefined)) {
      const message = role === undefined ? 'the port belongs to nobody' : 'the port is an uplink and a tenant’s';
      faults.push({ pointer, value: { role, tenant }, message, remedy: 'give either `role: "uplink"` or `tenant: "<name>"`' });
    }
    if (tenant !== undefined && !tenantNames.includes(tenant))
      faults.push(unknownName(`${pointer}/tenant`, 'tenant', tenant, tenantNames));
    if (value.type === 'pcap') faults.push(...pcapFaults(pointer, value));
  }
  return [...faults, ...repeated(ports.flatMap(deviceOf), 'a device is one port', 'name each device once')];
}

function pcapFaults(pointer: string, value: Extract<PortConfig, { type: 'pcap' }>): Fault[] {
  if (value.rxFile === undefined && value.txFile === undefined)
    return [{ pointer, message: 'the port has no file', remedy: 'give rxFile, txFile, or both' }];
  if (value.infinite === true && value.rxFile === undefined)
    return [
      {
        pointer: `${pointer}/infinite`,
        value: true,
        message: 'there is nothing to repeat',
        remedy: 'give rxFile, or leave infinite out',
      },
    ];
  return [];
}

/** What two ports cannot share. */
function deviceOf({ pointer, value }: Named<PortConfig>): Keyed[] {
  switch (value.type) {
    case 'pci':
      return [{ pointer: `${pointer}/address`, value: value.address, key: `pci ${value.address.toLowerCase()}` }];
    case 'af_xdp':
      return [
        { pointer: `${pointer}/interface`, value: value.interface, key: `queue ${value.interface} ${value.startQueue ?? 0}` },
      ];
    case 'af_packet':
    case 'tap':
      return [{ pointer: `${pointer}/interface`, value: value.interface, key: `interface ${value.interface}` }];
    case 'memif':
      return [{ pointer: `${pointer}/socket`, value: value.socket, key: `memif ${value.socket} ${value.id ?? 0}` }];
    case 'virtio_user':
    case 'vhost_user':
      return [{ pointer: `${pointer}/path`, value: value.path, key: `vhost ${value.path}` }];
    case 'pcap':
      return value.txFile === undefined
        ? []
        : [{ pointer: `${pointer}/txFile`, value: value.txFile, key: `file ${value.txFile}` }];
    case 'ring':
    case 'null':
      return [];
  }
}

const tenantCount = ({ tenants }: ConfigParts): Fault[] =>
  tenants.length <= maxTenants
    ? []
    : [
        {
          pointer: '/tenants',
          value: tenants.length,
          message: `there are ${tenants.length} tenants`,
          remedy: `have at most ${maxTenants}`,
        },
      ];

function vmPortFaults({ tenants, ports, declaredPorts }: ConfigParts): Fault[] {
  const byName = new Map(ports.map((port) => [port.name, port.value]));
  return tenants.flatMap((tenant) =>
    tenant.vms.flatMap(({ pointer, value }): Fault[] => {
      const here = `${pointer}/port`;
      if (!declaredPorts.includes(value.port)) return [unknownName(here, 'port', value.port, declaredPorts)];
      const port = byName.get(value.port);
      if (!port || port.tenant === tenant.name) return [];
      const whose = port.tenant === undefined ? 'an uplink' : `of tenant ${port.tenant}`;
      const own = ports.filter((other) => other.value.tenant === tenant.name).map((other) => other.name);
      const remedy =
        own.length === 0 ? `give a port \`tenant: "${tenant.name}"\`` : `the ports of ${tenant.name} are ${own.join(', ')}`;
      return [{ pointer: here, value: value.port, message: `port ${value.port} is ${whose}`, remedy }];
    }),
  );
}

function uplinkFaults({ uplink, ports, declaredPorts }: ConfigParts): Fault[] {
  if (!uplink) return [];
  const name = uplink.value.port;
  if (!declaredPorts.includes(name)) return [unknownName('/uplink/port', 'port', name, declaredPorts)];
  const port = ports.find((other) => other.name === name);
  if (!port || port.value.role === 'uplink') return [];
  return [
    {
      pointer: '/uplink/port',
      value: name,
      message: `port ${name} is no uplink`,
      remedy: `give port ${name} \`role: "uplink"\``,
    },
  ];
}

function macFaults({ ports, tenants, uplink }: ConfigParts): Fault[] {
  const vms = tenants.flatMap((tenant) => tenant.vms);
  const given = [...ports, ...vms].flatMap(({ pointer, value }) =>
    value.mac === undefined ? [] : [{ pointer: `${pointer}/mac`, value: value.mac, key: value.mac.toLowerCase() }],
  );
  const nextHop = uplink
    ? [{ pointer: '/uplink/nextHopMac', value: uplink.value.nextHopMac, key: uplink.value.nextHopMac.toLowerCase() }]
    : [];
  const all = [...given, ...nextHop];
  const unusable = all.flatMap(({ pointer, value }): Fault[] => {
    const mac = parseMac(value) ?? 0n;
    if (mac !== 0n && !isGroupMac(mac)) return [];
    const message = mac === 0n ? 'is no address' : 'is the address of a group';
    return [{ pointer, value, message, remedy: 'give one of a single device, for example 02:00:00:00:00:01' }];
  });
  return [...unusable, ...repeated(all, 'a MAC address is one device’s', 'give each device its own')];
}

function policyEntryFaults({ policy, tenants }: ConfigParts): Fault[] {
  const names = tenants.map(({ name }) => name);
  const faults = policy.flatMap(({ pointer, value }): Fault[] => {
    const unknown = (['from', 'to'] as const)
      .filter((side) => !names.includes(value[side]))
      .map((side) => unknownName(`${pointer}/${side}`, 'tenant', value[side], names));
    if (value.from !== value.to) return unknown;
    return [...unknown, { pointer, value, message: 'a tenant always reaches itself', remedy: 'leave the entry out' }];
  });
  const keyed = policy.map(({ pointer, value }) => ({ pointer, value, key: `${value.from} ${value.to}` }));
  return [...faults, ...repeated(keyed, 'an entry is needed once', 'leave it out')];
}
