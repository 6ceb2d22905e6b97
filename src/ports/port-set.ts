import { maxPorts, type PortConfig } from '../config/schema.js';
import { asVswitchError, jsonPointer, VswitchError, type Fault } from '../model/errors.js';
import type { SwitchEvent } from '../model/event.js';
import { parseMac } from '../model/address.js';
import { portNumber, tenantName, type PortName, type PortNumber } from '../model/ids.js';
import type { PortDeviceCounters, PortInfo, PortLink, PortReplies, PortRole, PortType } from '../model/port.js';
import type { TopologyPort } from '../model/topology.js';
import type { DataPlane, TenantSlot } from '../switch/types.js';

export interface OpenPort extends PortInfo {
  readonly state: 'open';
  readonly link: PortLink;
  readonly device: PortDeviceCounters;
}

/** A port of the config that could not be started, where `onPortError` is `continue`. */
export interface FailedPort {
  readonly state: 'failed';
  readonly number: PortNumber;
  readonly name: PortName;
  readonly type: PortType;
  readonly role: PortRole;
  readonly error: { readonly code: string; readonly detail: string; readonly faults: readonly Fault[] };
}

export type Port = OpenPort | FailedPort;

export interface PortSetDeps {
  readonly dataPlane: DataPlane;
  /** The slot of a gateway port's tenant; undefined where there is no such tenant. */
  slotOf(role: PortRole): TenantSlot | undefined;
  repliesOf(role: PortRole): PortReplies;
  publish(event: SwitchEvent): void;
}

/** The devices of the switch: opened, closed, and looked at for their links. Knows nothing of flows. */
export class PortSet {
  readonly #deps: PortSetDeps;
  readonly #ports = new Map<PortName, Port>();
  readonly #configs = new Map<PortName, PortConfig>();

  constructor(deps: PortSetDeps) {
    this.#deps = deps;
  }

  /** In the order of their numbers. */
  list(): readonly Port[] {
    return [...this.#ports.values()].sort((a, b) => a.number - b.number);
  }

  get(name: PortName): Port | undefined {
    return this.#ports.get(name);
  }

  /** What each port was opened with, failed ones included. */
  configs(): ReadonlyMap<PortName, PortConfig> {
    return this.#configs;
  }

  /**
   * Opens the ports of a config, numbered in its order.
   * @throws VswitchError PORT_FAILED with a fault for each port that cannot start, unless `onError` is `continue`.
   */
  async openAll(ports: ReadonlyMap<PortName, PortConfig>, onError: 'refuse' | 'continue'): Promise<void> {
    const failures: VswitchError[] = [];
    let number = 0;
    for (const [name, config] of ports) {
      try {
        await this.open(name, config, portNumber(++number));
      } catch (thrown) {
        const error = asVswitchError(thrown);
        failures.push(error);
        this.#keepFailed(name, config, portNumber(number), error);
      }
    }
    if (failures.length === 0 || onError === 'continue') return;
    const what = failures.map((failure) => failure.message).join('; ');
    throw new VswitchError(
      'PORT_FAILED',
      what,
      failures.flatMap((failure) => failure.faults),
    );
  }

  /** @throws VswitchError PORT_EXISTS, LIMIT_EXCEEDED, TENANT_NOT_FOUND or PORT_FAILED, with pointers under /ports/NAME. */
  async open(name: PortName, config: PortConfig, number = this.#freeNumber()): Promise<OpenPort> {
    const here = jsonPointer('ports', name);
    if (this.#ports.has(name)) {
      const message = `a port is called ${name} already`;
      throw new VswitchError('PORT_EXISTS', message, [
        { pointer: '/name', value: name, message, remedy: 'choose another name, or remove that port' },
      ]);
    }
    const role = roleOf(name, config);
    const slot = this.#deps.slotOf(role);
    if (slot === undefined) {
      const message = `there is no tenant ${config.tenant}`;
      throw new VswitchError('TENANT_NOT_FOUND', message, [
        { pointer: `${here}/tenant`, value: config.tenant, message, remedy: 'name a tenant of the config' },
      ]);
    }
    const info = await this.#deps.dataPlane.openPort(number, name, role, slot, config, this.#deps.repliesOf(role));
    const port: OpenPort = { ...info, state: 'open', ...(await this.#deps.dataPlane.portState(number)) };
    this.#ports.set(name, port);
    this.#configs.set(name, config);
    this.#deps.publish({ type: 'port_added', port: name });
    return port;
  }

  /** Returns when no worker can touch the port any more. */
  async close(name: PortName): Promise<void> {
    const port = this.#ports.get(name);
    if (!port) return;
    if (port.state === 'open') await this.#deps.dataPlane.closePort(port.number);
    this.#ports.delete(name);
    this.#configs.delete(name);
    this.#deps.publish({ type: 'port_removed', port: name });
  }

  /** Reads links and device counters anew, and tells of links that changed. */
  async refresh(): Promise<void> {
    for (const port of this.#ports.values()) {
      if (port.state !== 'open') continue;
      const state = await this.#deps.dataPlane.portState(port.number).catch(() => undefined);
      if (!state || this.#ports.get(port.name) !== port) continue;
      this.#ports.set(port.name, { ...port, ...state });
      const { link } = state;
      if (link.up !== port.link.up || link.speedMbps !== port.link.speedMbps) {
        this.#deps.publish({ type: 'port_link', port: port.name, link });
      }
    }
  }

  #keepFailed(name: PortName, config: PortConfig, number: PortNumber, error: VswitchError): void {
    const { code, message: detail, faults } = error;
    this.#ports.set(name, {
      state: 'failed',
      number,
      name,
      type: config.type,
      role: roleOf(name, config),
      error: { code, detail, faults },
    });
    this.#configs.set(name, config);
  }

  #freeNumber(): PortNumber {
    const taken = new Set([...this.#ports.values()].map((port) => port.number));
    for (let number = 1; number <= maxPorts; number++) {
      if (!taken.has(portNumber(number))) return portNumber(number);
    }
    throw new VswitchError('LIMIT_EXCEEDED', `a switch has at most ${maxPorts} ports`);
  }
}

/** @throws VswitchError REQUEST_INVALID unless the port has exactly one of `role` and `tenant`. */
export function roleOf(name: PortName, { role, tenant }: PortConfig): PortRole {
  if (role === 'uplink' && tenant === undefined) return { kind: 'uplink' };
  if (role === undefined && tenant !== undefined) return { kind: 'gw', tenant: tenantName(tenant) };
  const message = role === undefined ? 'the port belongs to nobody' : 'the port is an uplink and a tenant’s';
  throw new VswitchError('REQUEST_INVALID', message, [
    { pointer: jsonPointer('ports', name), message, remedy: 'give either `"role": "uplink"` or `"tenant": "<name>"`' },
  ]);
}

/** A port as flows see it. */
export const topologyPort = (port: Port): TopologyPort => ({
  number: port.number,
  name: port.name,
  role: port.role,
  mac: port.state === 'open' ? parseMac(port.mac) : undefined,
  open: port.state === 'open',
});
