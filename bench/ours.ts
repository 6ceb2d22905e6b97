import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { Client } from 'undici';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { VswitchConfig } from '../src/config/schema.js';
import { run, startService, until } from './support/process.js';
import type { Scope } from './support/scope.js';
import type { RunningSubject, Subject, Wiring, Workload } from './subject.js';

const repository = fileURLToPath(new URL('..', import.meta.url));
const program = join(repository, 'bin/vswitch.js');

const OpenPort = Type.Object({
  state: Type.Literal('open'),
  device: Type.Object({ queues: Type.Array(Type.Object({ txPackets: Type.Integer({ minimum: 0 }) }), { minItems: 1 }) }),
});
const Frequency = Type.Object({ tscHz: Type.Integer({ minimum: 1 }) });

/** This switch, as people run it: `vswitch run`, counted by its API. Accounting is on; it cannot be switched off. */
export const ours: Subject = { name: 'ours', rewritesByRule: true, prepare, start };

/** Compiles the control plane, so that what is measured is what is in src; the addon is measured as it was built. */
async function prepare(): Promise<void> {
  await access(join(repository, 'build/Release/vswitch.node')).catch((error: unknown) => {
    throw new Error('the addon is not built; type: npm run build:native', { cause: error });
  });
  await run('npm', ['--prefix', repository, 'run', '--silent', 'build']);
}

/** The generated config: two uplink ports, one operator's rule, pure polling on one core. */
export function oursConfig(workload: Workload, wiring: Wiring, socket: string): VswitchConfig {
  const { rule } = workload;
  return {
    name: 'bench',
    workers: { cores: [workload.workerCore], idle: { mode: 'poll' } },
    memory: { hugepages: 'require', mib: workload.memoryMib, mbufs: workload.flows + 32_768 },
    onPortError: 'refuse',
    ports: {
      source: { type: 'pcap', role: 'uplink', rxFile: workload.capture, infinite: true },
      sink:
        wiring.kind === 'measure' ? { type: 'null', role: 'uplink' } : { type: 'pcap', role: 'uplink', txFile: wiring.sinkFile },
    },
    flows: [
      {
        match: { in_port: 'source', eth_type: 0x0800, ipv4_dst: rule.ipv4Dst },
        actions: [
          { type: 'set_field', field: 'eth_src', value: rule.ethSrc },
          { type: 'set_field', field: 'eth_dst', value: rule.ethDst },
          { type: 'output', port: 'sink' },
        ],
      },
    ],
    api: { socket },
  };
}

async function start(workload: Workload, wiring: Wiring, scope: Scope): Promise<RunningSubject> {
  const dir = await mkdtemp(join(workload.directory, 'ours-'));
  scope.defer(() => rm(dir, { recursive: true }));
  const [configFile, socketPath] = [join(dir, 'bench.json'), join(dir, 'api.sock')];
  await writeFile(configFile, JSON.stringify(oursConfig(workload, wiring, socketPath)));
  const service = startService(process.execPath, [program, 'run', configFile], { scope, env: { RUNTIME_DIRECTORY: dir } });
  const client = new Client('http://vswitch', { socketPath });
  scope.defer(() => client.close());
  const get = async (path: string): Promise<unknown> => {
    const { statusCode, body } = await client.request({ path, method: 'GET' });
    if (statusCode !== 200) throw new Error(`GET ${path}: ${statusCode} ${await body.text()}`);
    return body.json();
  };
  await until('vswitch', service, () =>
    get('/v1/health').then(
      () => true,
      () => undefined,
    ),
  );
  return {
    pid: service.pid,
    // As the peers do, the device counts (rte_eth_stats), at the moment of the question; /v1/usage is sampled.
    sentPackets: async () => deviceTxPackets(await get('/v1/ports/sink')),
    tscHz: async () => reportedTscHz(await get('/v1/usage')),
  };
}

/** What a port's device sent, over all its queues, in an answer of `GET /v1/ports/NAME`. */
export function deviceTxPackets(answer: unknown): bigint {
  if (Value.Check(OpenPort, answer)) return answer.device.queues.reduce((sum, queue) => sum + BigInt(queue.txPackets), 0n);
  throw new Error(`not an open port: ${JSON.stringify(answer)}`);
}

/** The TSC frequency in an answer of `GET /v1/usage`. */
export function reportedTscHz(answer: unknown): bigint {
  if (!Value.Check(Frequency, answer)) throw new Error(`no tscHz in ${JSON.stringify(answer)}`);
  return BigInt(answer.tscHz);
}
