import { bytesOfIp } from '../model/address.js';
import type { PortGateway } from '../model/port.js';

const gatewayBytes = 18;

/** As native.ts describes them (NativePortSpec). */
export function encodeGateways(gateways: readonly PortGateway[]): Uint8Array {
  const encoded = new Uint8Array(gateways.length * gatewayBytes);
  for (const [i, { address, length }] of gateways.entries()) {
    encoded.set([address.family, length], i * gatewayBytes);
    encoded.set(bytesOfIp(address), i * gatewayBytes + 2);
  }
  return encoded;
}
