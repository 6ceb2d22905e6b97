import { defaultSocket } from '../api/socket-path.js';
import type { PortConfig, VswitchConfig } from '../config/schema.js';
import { defaultLedger } from '../ledger/options.js';
import { jsonPointer } from '../model/errors.js';

/** Something of the machine that only one instance can have. */
export interface Claim {
  /** Of what in the config says so. */
  readonly pointer: string;
  readonly value: string | number;
  /** The same for the same thing. */
  readonly key: string;
  /** What it is, in a sentence. */
  readonly what: string;
  /** It follows from the name; so it collides only where the names do. */
  readonly isOfName?: boolean;
}

/** What a config takes for its instance alone. */
export function claimsOf(config: VswitchConfig): Claim[] {
  const { name, api, accounting, ports } = config;
  const claims: Claim[] = [
    { pointer: '/name', value: name, key: `name ${name}`, what: 'this name' },
    pathClaim('/api/socket', 'API socket', api?.socket, defaultSocket(name)),
  ];
  const { ledger = {} } = accounting ?? {};
  if (ledger !== false) claims.push(pathClaim('/accounting/ledger/path', 'usage ledger', ledger.path, defaultLedger(name)));
  if (api?.tcp) {
    const { port } = api.tcp;
    claims.push({ pointer: '/api/tcp/port', value: port, key: `tcp ${port}`, what: 'this TCP port' });
  }
  for (const [port, one] of Object.entries(ports)) {
    const claim = portClaim(one);
    if (claim) claims.push({ ...claim, pointer: jsonPointer('ports', port, claim.pointer) });
  }
  return claims;
}

const pathClaim = (pointer: string, what: string, given: string | undefined, ofName: string): Claim => ({
  pointer: given === undefined ? '/name' : pointer,
  value: given ?? ofName,
  key: `path ${given ?? ofName}`,
  what: `this ${what}`,
  isOfName: given === undefined,
});

/** The pointer is below the port's. */
function portClaim(port: PortConfig): Claim | undefined {
  switch (port.type) {
    case 'pci':
      return { pointer: 'address', value: port.address, key: `pci ${port.address.toLowerCase()}`, what: 'this PCI device' };
    case 'af_packet':
    case 'af_xdp':
    case 'tap':
      return {
        pointer: 'interface',
        value: port.interface,
        key: `interface ${port.interface}`,
        what: 'this interface',
      };
    case 'memif':
      if (port.mode === 'client') return undefined;
      return { pointer: 'socket', value: port.socket, key: `memif ${port.socket} ${port.id ?? 0}`, what: 'this memif' };
    case 'vhost_user':
      return port.client === true ? undefined : serverClaim(port.path);
    case 'virtio_user':
      return port.server === true ? serverClaim(port.path) : undefined;
    default:
      return undefined;
  }
}

const serverClaim = (path: string): Claim => ({ pointer: 'path', value: path, key: `path ${path}`, what: 'this socket' });
