import type { PortConfig } from '../config/schema.js';
import { VswitchError, type Fault } from '../model/errors.js';
import { isWritten, type InstalledFlow } from '../model/flow.js';
import { ownerName, type PortName, type PortNumber } from '../model/ids.js';
import type { OpenPort, Port, PortSet } from './port-set.js';

export interface PortServiceDeps {
  readonly ports: PortSet;
  /** Every installed flow. */
  flows(): readonly InstalledFlow[];
  /** Derives routes anew for these ports. */
  reroute(ports: readonly Port[]): Promise<unknown>;
}

/** Ports and the flows that follow from them: a port comes before its routes, and goes after them. One change at a time. */
export class PortService {
  readonly #deps: PortServiceDeps;
  #last: Promise<unknown> = Promise.resolve();

  constructor(deps: PortServiceDeps) {
    this.#deps = deps;
  }

  list(): readonly Port[] {
    return this.#deps.ports.list();
  }

  refresh(): Promise<void> {
    return this.#deps.ports.refresh();
  }

  /** @throws VswitchError as PortSet.open; nothing is left behind then. */
  add(name: PortName, config: PortConfig): Promise<OpenPort> {
    return this.#queue(async () => {
      const { ports, reroute } = this.#deps;
      const port = await ports.open(name, config);
      try {
        await reroute(ports.list());
      } catch (error) {
        await ports.close(name);
        throw error;
      }
      return port;
    });
  }

  /** @throws VswitchError PORT_NOT_FOUND, or PORT_IN_USE with a fault for each flow of the operator or a tenant that names the port. */
  remove(name: PortName): Promise<void> {
    return this.#queue(async () => {
      const { ports, flows, reroute } = this.#deps;
      const port = ports.get(name);
      if (!port) {
        const message = `no port is called ${name}`;
        throw new VswitchError('PORT_NOT_FOUND', message, [
          { pointer: '/params/name', value: name, message, remedy: 'GET /v1/ports lists them' },
        ]);
      }
      const users = flows().filter((flow) => isWritten(flow.band) && namesPort(flow, port.number));
      if (users.length > 0) throw inUse(name, users);
      await reroute(ports.list().filter((other) => other.name !== name));
      await ports.close(name);
    });
  }

  #queue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

const namesPort = ({ match, actions }: InstalledFlow, number: PortNumber): boolean =>
  match.get('in_port')?.value === BigInt(number) || actions.some((action) => action.type === 'output' && action.port === number);

function inUse(name: PortName, users: readonly InstalledFlow[]): VswitchError {
  const faults = users.map(({ id, owner }): Fault => {
    const whose = owner.kind === 'operator' ? 'the operator' : `tenant ${ownerName(owner)}`;
    return {
      pointer: '/params/name',
      value: name,
      message: `flow ${id} of ${whose} names the port`,
      remedy: 'delete that flow first',
    };
  });
  return new VswitchError('PORT_IN_USE', `${users.length} flows name port ${name}`, faults);
}
