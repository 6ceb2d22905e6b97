import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import pino from 'pino';
import { Agent, request, type Dispatcher } from 'undici';
import type { VswitchConfig } from '../../src/config/schema.js';
import { startVswitch, type Runtime } from '../../src/runtime.js';
import { FakeNative, type FakeSwitch } from './fake-native.js';

/** Two tenants as in the lab: red with two VMs, blue with one. */
export const twoTenants = {
  name: 'test',
  workers: { cores: [0] },
  ports: {
    up: { type: 'null', role: 'uplink', mac: '02:00:00:00:00:01' },
    'gw-r1': { type: 'null', tenant: 'red', mac: '02:00:00:00:01:01' },
    'gw-r2': { type: 'null', tenant: 'red', mac: '02:00:00:00:01:02' },
    'gw-b1': { type: 'null', tenant: 'blue', mac: '02:00:00:00:02:01' },
  },
  uplink: { port: 'up', addresses: ['192.0.2.1'], nextHopMac: '02:00:00:00:00:fe' },
  tenants: {
    red: {
      networks: [{ prefix: '10.1.0.0/24', gateway: '10.1.0.1' }],
      vms: {
        vm1: { port: 'gw-r1', mac: '02:00:00:00:01:11', addresses: ['10.1.0.11'] },
        vm2: { port: 'gw-r2', mac: '02:00:00:00:01:12', addresses: ['10.1.0.12'] },
      },
    },
    blue: {
      networks: [{ prefix: '10.2.0.0/24', gateway: '10.2.0.1' }],
      vms: { vm1: { port: 'gw-b1', mac: '02:00:00:00:02:11', addresses: ['10.2.0.11'] } },
    },
  },
  accounting: { ledger: false },
  pricing: { currency: 'EUR', perGigacycleMicro: 1000, perGibMicro: 1000, perMillionPacketsMicro: 1000 },
} as const satisfies VswitchConfig;

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The body as JSON; a test says what it expects there. */
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller names the shape that it expects
  json<T>(): T;
}

export interface RunningSwitch {
  readonly runtime: Runtime;
  readonly socket: string;
  readonly native: FakeSwitch;
  readonly addon: FakeNative;
  call(method: Dispatcher.HttpMethod, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
}

/** Starts a switch on the fake addon with its API on a socket of its own; ended with the test. */
export async function runningSwitch(
  t: ExecutionContext,
  config: VswitchConfig = twoTenants,
  addon = new FakeNative(),
): Promise<RunningSwitch> {
  const directory = await mkdtemp(join(tmpdir(), 'vswitch-test-'));
  const socket = join(directory, 'api.sock');
  const api = { ...config.api, socket };
  const runtime = await startVswitch({ ...config, api }, { log: pino({ level: 'silent' }), addonLoader: () => addon });
  const dispatcher = new Agent({ connect: { socketPath: socket } });
  t.teardown(async () => {
    await dispatcher.destroy();
    await runtime.close();
    await rm(directory, { recursive: true });
  });
  const call: RunningSwitch['call'] = async (method, path, body, headers = {}) => {
    const payload = body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body);
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await request(`http://localhost${path}`, {
      method,
      body: payload,
      headers: { ...type, ...headers },
      dispatcher,
    });
    const text = await answer.body.text();
    return { status: answer.statusCode, headers: answer.headers, text, json: () => JSON.parse(text) as never };
  };
  return { runtime, socket, native: addon.only, addon, call };
}
