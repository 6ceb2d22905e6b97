import type { PortConfig, VswitchConfig } from '../config/schema.js';

/** The only tenant of a replay without a config. */
export const replayTenant = 'replay';

/** As large as a port can be, so that no packet of a capture is refused for its size. */
const largestMtu = 9702;
const workers = { cores: [0] };
/** Packets go one by one, so few buffers do. */
const memory = { hugepages: 'never', mib: 256, mbufs: 2047 } as const;

/** Ports by name, all of one tenant, on no devices. */
export const plainConfig = (ports: readonly string[], rules: number): VswitchConfig => ({
  name: replayTenant,
  workers,
  memory,
  ports: Object.fromEntries(ports.map((name) => [name, { type: 'null', tenant: replayTenant, mtu: largestMtu }])),
  tenants: { [replayTenant]: { limits: { rules } } },
  limits: { rules },
});

/** The same switch without its devices, and without anybody to talk to. */
export function withoutDevices({ api: _, ...config }: VswitchConfig): VswitchConfig {
  const ports = Object.entries(config.ports).map(([name, port]) => [name, withoutDevice(port)] as const);
  return { ...config, memory, ports: Object.fromEntries(ports) };
}

const withoutDevice = ({ role, tenant, mac, mtu }: PortConfig): PortConfig => ({
  type: 'null',
  ...(role && { role }),
  ...(tenant !== undefined && { tenant }),
  ...(mac !== undefined && { mac }),
  ...(mtu !== undefined && { mtu }),
});
