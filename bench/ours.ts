import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Pool, type Dispatcher } from 'undici';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { VswitchConfig } from '../src/config/schema.js';
import type { FlowOperation } from '../src/model/flow.js';
import { timed } from './measure/latency.js';
import { oursConfig } from './ours-config.js';
import { run, startService, succeeds, until, type Service } from './support/process.js';
import type { Scope } from './support/scope.js';
import type { TrackingRunning, TrackingSubject, Wiring, Workload } from './subject.js';

/** Of a transaction, where there are more: a request has a limit of bytes. */
const stepsAtOnce = 100_000;

/** Above all rules, and before them. */
const gate = { priority: 65_535, match: {} } as const;

export const thisTree = fileURLToPath(new URL('..', import.meta.url));

const Packets = Type.Integer({ minimum: 0 });
const OpenPort = Type.Object({
  state: Type.Literal('open'),
  device: Type.Object({ queues: Type.Array(Type.Object({ txPackets: Packets, rxPackets: Packets }), { minItems: 1 }) }),
});
const Tracked = Type.Object({ entries: Type.Integer({ minimum: 0 }) });
const Frequency = Type.Object({ tscHz: Type.Integer({ minimum: 1 }) });

/** This switch, as people run it: `vswitch run`, counted by its API. Accounting is on; it cannot be switched off. */
export interface OurSubject extends TrackingSubject {
  start(workload: Workload, wiring: Wiring, scope: Scope): Promise<OurRunning>;
}

export interface OurRunning extends TrackingRunning {
  /** Asks its API. Throws with the answer where that is a problem. */
  send: Send;
  /** Where its API listens. */
  readonly socketPath: string;
}

export type Send = (method: 'GET' | 'PATCH' | 'POST', path: string, body?: unknown) => Promise<unknown>;

/** @param tree the checkout whose addon and control plane are measured. */
export const oursIn = (tree: string, name = 'ours'): OurSubject => ({
  name,
  hasRules: true,
  prepare: () => prepareOurs(tree),
  start: (workload, wiring, scope) => startOurs(tree, workload, wiring, scope),
});

/** Compiles the control plane, so that what is measured is what is in src; the addon is measured as it was built. */
export async function prepareOurs(tree: string): Promise<void> {
  await access(join(tree, 'build/Release/vswitch.node')).catch((error: unknown) => {
    throw new Error('the addon is not built; type: npm run build:native', { cause: error });
  });
  await run('npm', ['--prefix', tree, 'run', '--silent', 'build']);
}

export interface Served {
  readonly service: Service;
  readonly send: Send;
  readonly socketPath: string;
}

/** `vswitch run`, with its files in a directory of its own; `scope` ends it. Returns when it answers. */
export async function serve(
  tree: string,
  directory: string,
  configOf: (socketPath: string) => VswitchConfig,
  scope: Scope,
  env: NodeJS.ProcessEnv = {},
): Promise<Served> {
  const dir = await mkdtemp(join(directory, 'ours-'));
  scope.defer(() => rm(dir, { recursive: true }));
  const [configFile, socketPath] = [join(dir, 'bench.json'), join(dir, 'api.sock')];
  await writeFile(configFile, JSON.stringify(configOf(socketPath)));
  const program = [join(tree, 'bin/vswitch.js'), 'run', configFile];
  const ownFiles = { RUNTIME_DIRECTORY: dir, STATE_DIRECTORY: dir };
  const service = startService(process.execPath, program, { scope, env: { ...ownFiles, ...env } });
  const send = client(new Pool('http://vswitch', { socketPath, headersTimeout: 0, bodyTimeout: 0 }), scope);
  await until('vswitch', service, () => succeeds(send('GET', '/v1/health')));
  return { service, send, socketPath };
}

/** What is other than usual. */
export interface OurWays {
  /** Of the environment. */
  readonly env?: NodeJS.ProcessEnv;
  readonly config?: (usual: VswitchConfig) => VswitchConfig;
}

export async function startOurs(
  tree: string,
  workload: Workload,
  wiring: Wiring,
  scope: Scope,
  { env = {}, config = (usual) => usual }: OurWays = {},
): Promise<OurRunning> {
  const configOf = (socketPath: string) => config(oursConfig(workload, wiring, socketPath));
  const { service, send, socketPath } = await serve(tree, workload.directory, configOf, scope, env);
  const change = (operations: readonly FlowOperation[]) => send('PATCH', '/v1/flows', { operations });
  const proving = wiring.kind === 'prove' && workload.rules.flows.length > 0;
  // Its source is there before its rules are: what is proven must not begin with some of them.
  if (proving) await change([{ op: 'add', flow: { ...gate, actions: [{ type: 'drop' }] } }]);
  const steps = workload.rules.flows.map((flow): FlowOperation => ({ op: 'add', flow }));
  const installMs = await timed(async () => {
    for (let at = 0; at < steps.length; at += stepsAtOnce) {
      const last = at + stepsAtOnce >= steps.length;
      // The gate goes with the last of them: there may be no room for one more rule.
      const opening: FlowOperation[] = proving && last ? [{ op: 'delete', flow: gate }] : [];
      await change([...opening, ...steps.slice(at, at + stepsAtOnce)]);
    }
  });
  return {
    pid: service.pid,
    installMs,
    // As the peers do, the devices count (rte_eth_stats), at the moment of the question; /v1/usage is sampled.
    sentPackets: async () => {
      let sum = 0n;
      for (const name of workload.counted) sum += deviceTxPackets(await send('GET', `/v1/ports/${name}`));
      return sum;
    },
    tscHz: async () => reportedTscHz(await send('GET', '/v1/usage')),
    settle: async () => undefined,
    connections: async () => trackedConnections(await send('GET', '/v1/conntrack/stats')),
    receiveOnce: async (name, capture, frames) => {
      await send('POST', '/v1/ports', { name, config: { type: 'pcap', role: 'uplink', rxFile: capture } });
      await until(name, service, async () =>
        deviceRxPackets(await send('GET', `/v1/ports/${name}`)) < frames ? undefined : true,
      );
    },
    send,
    socketPath,
  };
}

function client(dispatcher: Dispatcher, scope: Scope): Send {
  scope.defer(() => dispatcher.destroy());
  return async (method, path, body) => {
    const { statusCode, body: answer } = await dispatcher.request({
      path,
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (statusCode >= 300) throw new Error(`${method} ${path}: ${statusCode} ${text.slice(0, 2000)}`);
    return JSON.parse(text) as unknown;
  };
}

/** What a port's device sent, over all its queues, in an answer of `GET /v1/ports/NAME`. */
export const deviceTxPackets = (answer: unknown): bigint => devicePackets(answer, 'txPackets');
/** What it received. */
export const deviceRxPackets = (answer: unknown): bigint => devicePackets(answer, 'rxPackets');

function devicePackets(answer: unknown, which: 'txPackets' | 'rxPackets'): bigint {
  if (Value.Check(OpenPort, answer)) return answer.device.queues.reduce((sum, queue) => sum + BigInt(queue[which]), 0n);
  throw new Error(`not an open port: ${JSON.stringify(answer)}`);
}

/** The TSC frequency in an answer of `GET /v1/usage`. */
export function reportedTscHz(answer: unknown): bigint {
  if (!Value.Check(Frequency, answer)) throw new Error(`no tscHz in ${JSON.stringify(answer)}`);
  return BigInt(answer.tscHz);
}

/** Connections that there are, in an answer of `GET /v1/conntrack/stats`. */
export function trackedConnections(answer: unknown): number {
  if (!Value.Check(Tracked, answer)) throw new Error(`no entries in ${JSON.stringify(answer)}`);
  return answer.entries;
}
