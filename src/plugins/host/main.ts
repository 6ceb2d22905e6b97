import { Control } from './control.js';
import { Host } from './host.js';

/** The program of a tenant's plugins. Its supervisor hands it the packets' stream as descriptor 3 and its own as 4. */
const puntFd = 3;
const controlFd = 4;

const host = new Host();
const control = new Control(
  controlFd,
  (order) => void host.obey(order),
  () => process.exit(0),
);
process.on('uncaughtException', (error) => host.failed(error));
process.on('unhandledRejection', (error) => host.failed(error));
host.start(control, puntFd);
control.send({ type: 'beat', tallies: {} });
