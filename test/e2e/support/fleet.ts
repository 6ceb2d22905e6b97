import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { FleetView, InstanceView } from '../../../src/cli/view/fleet-view.js';
import type { VmConfig, VswitchConfig } from '../../../src/config/schema.js';
import { must, outcomeOf, type Outcome } from '../../../src/lab/command.js';
import { inside, type Argv } from '../../../src/lab/plan.js';
import { program } from '../../../src/process/program.js';
import { root } from '../../support/source-tree.js';

export interface TestFleet {
  readonly directory: string;
  /** `vswitch fleet VERB DIRECTORY OPTIONS`, in the fleet's namespace. */
  command(verb: 'up' | 'down' | 'status', ...options: string[]): Promise<Outcome>;
  status(): Promise<FleetView>;
  /** By its name. */
  instance(name: string): Promise<InstanceView>;
}

/**
 * A directory of configs for one test, ledgers included; its fleet is ended after it.
 * @param namespace where its switches run; undefined: where the test does.
 */
export function fleetOf(t: ExecutionContext, configs: readonly VswitchConfig[], namespace?: string): TestFleet {
  if (!existsSync(join(root, 'dist/cli/main.js'))) throw new Error('the program is not built; run: npm run build');
  const directory = mkdtempSync(join(tmpdir(), 'fleet-'));
  for (const config of configs) {
    const accounting = { ledger: { path: join(directory, `${config.name}.ledger`) } };
    writeFileSync(join(directory, `${config.name}.json`), JSON.stringify({ accounting, ...config }));
  }
  const command: TestFleet['command'] = (verb, ...options) => {
    const argv: Argv = [process.execPath, program, 'fleet', verb, directory, ...options];
    return outcomeOf(namespace === undefined ? argv : inside(namespace, ...argv));
  };
  const status = async (): Promise<FleetView> => {
    const { fleets } = JSON.parse((await command('status', '--json')).text) as { fleets: FleetView[] };
    if (!fleets[0]) throw new Error('the fleet does not run');
    return fleets[0];
  };
  t.teardown(async () => {
    await command('down');
    rmSync(directory, { recursive: true });
  });
  return {
    directory,
    command,
    status,
    instance: async (name) => (await status()).instances.find((one) => one.name === name)!,
  };
}

/** The two machines of an instance `i` in namespaces of their own, each behind a port of the fleet's namespace. */
const machines = (i: number) =>
  ([1, 2] as const).map((n) => ({
    port: `gw${i}${n}`,
    mac: `02:00:00:0${i}:00:0${n}`,
    gatewayMac: `02:00:00:0${i}:01:0${n}`,
    address: `10.${i}.0.1${n}`,
    gateway: `10.${i}.0.1`,
  }));

/** An instance that routes between its two machines. */
export function pairConfig(name: string, i: number, more: Partial<VswitchConfig> = {}): VswitchConfig {
  const ports = machines(i).map(
    ({ port, gatewayMac }) => [port, { type: 'af_packet', interface: port, tenant: 'red', mac: gatewayMac }] as const,
  );
  const vms = machines(i).map(({ port, mac, address }): [string, VmConfig] => [port, { port, mac, addresses: [address] }]);
  const networks = [{ prefix: `10.${i}.0.0/24`, gateway: `10.${i}.0.1` }];
  return {
    name,
    workers: { cores: [0] },
    memory: { mib: 32, mbufs: 4095 },
    ports: Object.fromEntries(ports),
    tenants: { red: { networks, vms: Object.fromEntries(vms) } },
    ...more,
  };
}

/** The fleet's namespace `NAME-fleet`, and the machines of so many instances in it; removed after the test. */
export async function buildPairs(t: ExecutionContext, name: string, count: number): Promise<string> {
  const at = `${name}-fleet`;
  const all = Array.from({ length: count }, (_, i) => machines(i)).flat();
  const namespaceOf = (port: string): string => `${name}-${port}`;
  t.teardown(async () => {
    for (const namespace of [at, ...all.map(({ port }) => namespaceOf(port))])
      await outcomeOf(['ip', 'netns', 'delete', namespace]);
  });
  await must(['ip', 'netns', 'add', at]);
  for (const { port, mac, address, gateway } of all) {
    const peer = namespaceOf(port);
    await must(['ip', 'netns', 'add', peer]);
    // prettier-ignore
    await must(['ip', 'link', 'add', port, 'netns', at, 'type', 'veth', 'peer', 'name', 'eth0', 'address', mac, 'netns', peer]);
    await must(['ip', '-n', at, 'link', 'set', port, 'up']);
    for (const words of [
      `address add ${address}/32 dev eth0`,
      'link set eth0 up',
      `route add default via ${gateway} dev eth0 onlink`,
    ])
      await must(['ip', '-n', peer, ...words.split(' ')]);
  }
  return at;
}

/** Pings between the machines of an instance; the part of packets that was lost. */
export async function lossOf(name: string, i: number, ...options: string[]): Promise<number> {
  const [from, to] = machines(i);
  const { text } = await outcomeOf(['ip', 'netns', 'exec', `${name}-${from!.port}`, 'ping', '-q', ...options, to!.address]);
  const lost = /([\d.]+)% packet loss/.exec(text);
  if (!lost) throw new Error(`ping: ${text}`);
  return Number(lost[1]) / 100;
}
