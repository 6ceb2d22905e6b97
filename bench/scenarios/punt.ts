import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import type { VswitchConfig } from '../../src/config/schema.js';
import { median, round } from '../measure/stats.js';
import { prepareOurs, serve } from '../ours.js';
import { workerCost } from '../punt/worker-cost.js';
import { makeResult, withoutFloor, type Result } from '../result.js';
import type { Options, Scenario } from '../scenario.js';
import { ipv4Frame } from '../support/frames.js';
import { reserveHugepages } from '../support/hugepages.js';
import { encodePcap } from '../support/pcap.js';
import { makeRunDirectory } from '../support/run-dir.js';
import { until } from '../support/process.js';
import { withScope, type Scope } from '../support/scope.js';

const verdicts = ['consume', 'forward'] as const;
type Verdict = (typeof verdicts)[number];

/** How many packets a plugin takes, and what each costs the worker that gives it away. */
export const punt: Scenario = {
  name: 'punt',
  title: 'punt: a packet from the parser on, dropped by a rule and given to a plugin',
  subjects: ['ours'],
  defaultFlows: 1000,
  maxFlows: 16_384,
  comparable: false,
  run,
};

const Usage = Type.Object({
  tscHz: Type.Integer(),
  tenants: Type.Array(
    Type.Object({
      tenant: Type.Union([Type.String(), Type.Null()]),
      totals: Type.Object({ rxPackets: Type.Integer(), cycles: Type.Record(Type.String(), Type.Integer()) }),
    }),
  ),
});
const Plugins = Type.Object({
  host: Type.Object({ punted: Type.Integer(), resumed: Type.Integer() }),
  plugins: Type.Array(Type.Object({ state: Type.String() })),
});

interface Rate {
  readonly packetsPerSecond: number;
  /** Of the worker, over all that came in, also what found no room in the ring. */
  readonly cyclesPerReceived: number;
}

async function run(options: Options, scope: Scope): Promise<Result> {
  await prepareOurs(options.tree);
  const directory = await makeRunDirectory(scope);
  await chmod(directory, 0o711); // plugins have a user of their own, and their state in it
  const capture = join(directory, 'in.pcap');
  await writeFile(capture, encodePcap(framesOf(options.flows)));
  await reserveHugepages(512, scope);
  const rates = new Map<Verdict, Rate[]>(verdicts.map((verdict) => [verdict, []]));
  let tscHz = 0;
  for (let i = 0; i < options.runs; i++)
    for (const verdict of verdicts) {
      const measured = await withScope((inner) => rateOf(verdict, capture, directory, options, inner), scope);
      tscHz = measured.tscHz;
      rates.get(verdict)?.push(measured);
      options.log(`${verdict}: ${(measured.packetsPerSecond / 1e6).toFixed(2)} Mpkt/s through the plugin`);
    }
  const { drop, punt: punted } = await workerCost(options.tree, options.runs);
  const middle = (verdict: Verdict, key: keyof Rate): number => median((rates.get(verdict) ?? []).map((rate) => rate[key]));
  return makeResult({
    ...withoutFloor('punt', 'none', options),
    tscHz: BigInt(tscHz),
    summaries: new Map([
      ['ours', punted],
      ['dropped by a rule', drop],
    ]),
    extra: {
      packetsPerSecond: Math.round(middle('consume', 'packetsPerSecond')),
      forwardedPerSecond: Math.round(middle('forward', 'packetsPerSecond')),
      workerCyclesPerPacket: round(punted.median - drop.median, 1),
      cyclesPerReceived: round(middle('consume', 'cyclesPerReceived'), 1),
    },
  });
}

const framesOf = (flows: number): Buffer[] =>
  Array.from({ length: flows }, (_, i) => ipv4Frame({ src: 0x0a01000b, dst: 0x0a01000c, srcPort: 1024 + i, dstPort: 2000 }));

const configOf = (verdict: Verdict, capture: string, directory: string, socket: string): VswitchConfig =>
  ({
    name: 'bench',
    workers: { cores: [1], idle: { mode: 'poll' } },
    memory: { hugepages: 'require', mib: 256, mbufs: 65_535 },
    ports: {
      in: { type: 'pcap', rxFile: capture, infinite: true, tenant: 'red' },
      out: { type: 'null', tenant: 'red' },
    },
    tenants: {
      red: {
        networks: [],
        flows: [{ match: {}, actions: [{ type: 'output', port: 'out' }] }],
        plugins: [
          {
            name: 'every-packet',
            path: fileURLToPath(new URL('../punt/plugin.ts', import.meta.url)),
            options: { verdict },
          },
        ],
      },
    },
    plugins: { stateDir: join(directory, 'plugins') },
    api: { socket },
  }) as unknown as VswitchConfig;

async function rateOf(
  verdict: Verdict,
  capture: string,
  directory: string,
  options: Options,
  scope: Scope,
): Promise<Rate & { readonly tscHz: number }> {
  const { service, send } = await serve(
    options.tree,
    directory,
    (socket) => configOf(verdict, capture, directory, socket),
    scope,
  );
  await until('the plugin', service, async () => ((await plugins(send)).plugins[0]?.state === 'running' ? true : undefined));
  await sleep(options.warmUpMs);
  const [before, from] = [await look(send), performance.now()];
  await sleep(options.windowMs);
  const [after, seconds] = [await look(send), (performance.now() - from) / 1000];
  const grown = (of: (at: Looked) => number): number => of(after) - of(before);
  const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((all, one) => all + one, 0);
  // What came back was taken for certain; what is kept is as far behind as the rings and the socket are long.
  const taken = grown(({ host }) => (verdict === 'forward' ? host.resumed : host.punted));
  if (taken <= 0) throw new Error(`the plugin took no packet: ${JSON.stringify(after)}`);
  return {
    packetsPerSecond: taken / seconds,
    cyclesPerReceived: grown(({ red }) => sum(red.cycles)) / grown(({ red }) => red.rxPackets),
    tscHz: after.tscHz,
  };
}

type Send = Awaited<ReturnType<typeof serve>>['send'];

async function plugins(send: Send): Promise<Static<typeof Plugins>> {
  const answer = await send('GET', '/v1/tenants/red/plugins');
  if (!Value.Check(Plugins, answer)) throw new Error(`not a list of plugins: ${JSON.stringify(answer).slice(0, 300)}`);
  return answer;
}

type Looked = Awaited<ReturnType<typeof look>>;

async function look(send: Send) {
  const usage = await send('GET', '/v1/usage');
  if (!Value.Check(Usage, usage)) throw new Error(`not a usage report: ${JSON.stringify(usage).slice(0, 300)}`);
  const red = usage.tenants.find(({ tenant }) => tenant === 'red')?.totals;
  if (!red) throw new Error('there is no tenant red');
  return { red, host: (await plugins(send)).host, tscHz: usage.tscHz };
}
