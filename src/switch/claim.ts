import { createServer, type Server } from 'node:net';
import type { PortConfig } from '../config/schema.js';
import { jsonPointer, VswitchError, type Fault } from '../model/errors.js';

/**
 * Claims the kernel interface of a port for this process. Any number of packet sockets may receive from one interface, so the
 * kernel would let two switches forward every packet twice. An abstract Unix socket stands for the claim: its name is known in
 * one network namespace, as the interface's is, and goes with the process, however that ends.
 * @throws VswitchError PORT_FAILED where another process has the interface.
 */
export async function claimInterface(name: string, config: PortConfig): Promise<Server | undefined> {
  if (config.type !== 'af_packet' && config.type !== 'af_xdp') return undefined;
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? taken(name, config.interface) : error),
    );
    server.listen(`\0mts-vswitch/interface/${config.interface}`, resolve);
  });
  return server.unref();
}

function taken(name: string, kernelInterface: string): VswitchError {
  const fault: Fault = {
    pointer: jsonPointer('ports', name, 'interface'),
    value: kernelInterface,
    message: 'another port of a switch in this network namespace has the interface',
    remedy: 'end that switch or remove its port, or name another interface',
  };
  return new VswitchError('PORT_FAILED', `port ${name} cannot start: step preflight: ${fault.message}`, [fault]);
}
