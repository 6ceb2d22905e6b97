import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { VswitchConfig } from '../../../src/config/schema.js';
import type { UsageView } from '../../../src/api/schemas/usage.js';
import type { HealthView } from '../../e2e/support/views.js';
import { guestLogs, logsFolder, type Guest } from './guest.js';
import type { Ended, GuestProgram } from './guest-program.js';
import { macOf, outside, uplinkAddress, vlanOf, vms, vswitchVfs } from './layout.js';
import type { Addresses } from './nic.js';
import { until } from './until.js';

type Tenant = keyof typeof vlanOf;

const networks = { red: '10.1.0', blue: '10.2.0' } as const;

/** The config of a vswitch-VM that serves some tenants; its In/Out VF is the first one's. */
export function configOf(
  addresses: Addresses,
  name: string,
  core: number,
  ...tenants: readonly [Tenant, ...Tenant[]]
): VswitchConfig {
  const [first] = tenants;
  const port = (vf: number) => ({ type: 'pci', address: addresses[vf]!, mac: macOf(vf) }) as const;
  const machines = (tenant: Tenant) => Object.entries(vms).filter(([vm]) => vm.startsWith(tenant));
  return {
    name,
    workers: { cores: [core], idle: { mode: 'adaptive', maxSleepUs: 500 } },
    memory: { hugepages: 'require', mib: 64, mbufs: 8191 },
    ports: {
      uplink: { ...port(vswitchVfs[first].uplink), role: 'uplink' },
      ...Object.fromEntries(tenants.map((tenant) => [`${tenant}-gw`, { ...port(vswitchVfs[tenant].gw), tenant }])),
    },
    uplink: { port: 'uplink', addresses: [uplinkAddress[first]], nextHopMac: outside.mac },
    tenants: Object.fromEntries(
      tenants.map((tenant) => [
        tenant,
        {
          networks: [{ prefix: `${networks[tenant]}.0/24`, gateway: `${networks[tenant]}.1`, vlan: vlanOf[tenant] }],
          vms: Object.fromEntries(
            machines(tenant).map(([vm, { vf, address }]) => [vm, { port: `${tenant}-gw`, mac: macOf(vf), addresses: [address] }]),
          ),
        },
      ]),
    ),
    api: { socket: `/run/${name}.sock` },
    accounting: { ledger: false },
  };
}

/** Puts a config where the guest has it. @returns its path there */
export async function putConfig(config: VswitchConfig): Promise<string> {
  const file = `${config.name}.json`;
  await writeFile(join(logsFolder, file), JSON.stringify(config, undefined, 2));
  return `${guestLogs}/${file}`;
}

/** It takes 12 s where the machine has nothing else to do. */
const startLimitMs = 150_000;

/** A `vswitch run` in the guest. */
export class Vswitch {
  readonly #guest: Guest;
  readonly #program: GuestProgram;
  readonly #socket: string;

  private constructor(guest: Guest, program: GuestProgram, socket: string) {
    this.#guest = guest;
    this.#program = program;
    this.#socket = socket;
  }

  /**
   * Starts one, until it is ready and its links are up. Its log is NAME.log beside the console's.
   * @param command what runs the program
   */
  static async start(guest: Guest, command: string, config: VswitchConfig): Promise<Vswitch> {
    const { name } = config;
    const log = `${name}.log`;
    const file = await putConfig(config);
    const program = guest.start('sh', '-c', `${command} run ${file} >>${guestLogs}/${log} 2>&1`);
    let ended: Ended | undefined;
    void program.ended.then((how) => (ended = how));
    await until(
      `the switch ${name} was ready`,
      () => {
        if (ended) throw new Error(`the switch ${name} ended (${ended.code}):\n${readFileSync(join(logsFolder, log), 'utf8')}`);
        return /the switch is ready/.test(readFileSync(join(logsFolder, log), { encoding: 'utf8', flag: 'a+' }));
      },
      startLimitMs,
    );
    const sw = new Vswitch(guest, program, config.api!.socket!);
    await until('all links were up', async () => (await sw.health()).linkDown === 0);
    return sw;
  }

  async health(): Promise<HealthView['ports']> {
    return (await this.get<HealthView>('/v1/health')).ports;
  }

  /** Packets of a tenant that were lost, by reason; only reasons that occurred. */
  async dropsOf(tenant: Tenant): Promise<Record<string, number>> {
    const { tenants } = await this.get<UsageView>('/v1/usage');
    const drops = Object.entries(tenants.find((usage) => usage.tenant === tenant)!.totals.drops);
    return Object.fromEntries(drops.filter(([, count]) => count > 0));
  }

  async get<T>(path: string): Promise<T> {
    return (await this.#call('GET', path)) as T;
  }

  put(path: string, body: unknown): Promise<unknown> {
    return this.#call('PUT', path, body);
  }

  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<Ended> {
    return this.#program.kill(signal);
  }

  async #call(method: string, path: string, body?: unknown): Promise<unknown> {
    const { code, out } = await this.#guest.ask(this.#socket, method, path, body);
    if (code >= 200 && code < 300) return JSON.parse(out || 'null');
    throw new Error(`${method} ${path}: ${code} ${out}`);
  }
}
