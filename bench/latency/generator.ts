import { join } from 'node:path';
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import { round } from '../measure/stats.js';
import { thisTree } from '../ours.js';
import { nextHopMac } from '../rules/actions.js';
import type { Options } from '../scenario.js';
import { run } from '../support/process.js';
import { quantile, type Stay } from './stay.js';

const build = join(thisTree, 'build/native-bench');
const program = join(build, 'bench-native/latency-generator');

const Report = Type.Object({
  tscHz: Type.Integer({ minimum: 1 }),
  strangers: Type.Integer(),
  runs: Type.Array(
    Type.Object({
      percent: Type.Integer(),
      packetsPerS: Type.Number(),
      sent: Type.Integer(),
      received: Type.Integer(),
      cycles: Type.Array(Type.Tuple([Type.Integer(), Type.Integer()])),
    }),
  ),
});

/** DPDK devices of the generator: the switch is between them, or nothing. */
export interface Ends {
  readonly to: string;
  readonly from: string;
  /** Of `from`: as many as the other side sends on. */
  readonly queues: number;
  /** What the switch writes. */
  readonly ethDst: string;
}

/**
 * Into one socket of a switch, out of the other. The sent buffers are shared, so that the copy is the switch's and the generator the
 * faster. Only those: DPDK 22.11 closes the file of a process's memory when its first such port is connected, and a second cannot
 * share it any more.
 */
export const throughSwitch = (to: string, from: string, queues: number): Ends => ({
  to: `${memif(0, 'client', to)},zero-copy=yes`,
  from: memif(1, 'client', from),
  queues,
  ethDst: nextHopMac,
});

/** From the generator to itself: what it and the shared memory add. */
export const loopback = (socket: string): Ends => ({
  to: `${memif(0, 'client', socket)},zero-copy=yes`,
  from: memif(1, 'server', socket),
  queues: 1,
  ethDst: '02:00:00:00:00:01',
});

export const memif = (number: number, role: 'client' | 'server', socket: string): string =>
  `net_memif${number},role=${role},socket=${socket},socket-abstract=no`;

export async function buildGenerator(): Promise<void> {
  await run('cmake', ['-S', thisTree, '-B', build, '-DVSWITCH_BENCH=ON', '-DVSWITCH_ADDON=OFF']);
  await run('cmake', ['--build', build, '--target', 'latency-generator']);
}

export interface Stays {
  readonly tscHz: bigint;
  /** At the maximum rate without a loss, as percent 100, then at each load. */
  readonly stays: readonly Stay[];
}

export interface Load {
  /** Of the maximum. */
  readonly percent: number;
  /** Frames a second of a flood beside it; 0 where left out. */
  readonly floodPerS?: number;
}

const usualLoads: readonly Load[] = [{ percent: 1 }, { percent: 90 }];

/**
 * The kernel ends the generator where the bench is killed.
 * @param more `answers`: there is an answer to every frame.
 */
export async function measureStays(
  { to, from, queues, ethDst }: Ends,
  options: Options,
  more: { readonly loads?: readonly Load[]; readonly answers?: boolean } = {},
): Promise<Stays> {
  const { loads = usualLoads, answers = false } = more;
  const times = [options.warmUpMs, options.windowMs].map(String);
  const flows = `${options.flows}${answers ? '+answers' : ''}`;
  const args = [to, from, String(queues), flows, ethDst, ...times, ...loads.map(loadText)];
  return staysOf(JSON.parse(lastLine(await run('setpriv', ['--pdeathsig', 'KILL', '--', program, ...args]))));
}

const loadText = ({ percent, floodPerS = 0 }: Load): string => (floodPerS === 0 ? String(percent) : `${percent}+${floodPerS}`);

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';

/** What the generator reports, in nanoseconds. Throws where a packet came back that the rules do not make. */
export function staysOf(report: unknown): Stays {
  if (!Value.Check(Report, report)) throw new Error(`not a report of the generator: ${JSON.stringify(report).slice(0, 300)}`);
  if (report.strangers > 0) throw new Error(`${report.strangers} packets came back other than the rules say`);
  const empty = report.runs.find(({ received }) => received === 0);
  if (empty) throw new Error(`at ${empty.percent} % of the maximum no packet came back: others have the cores`);
  return { tscHz: BigInt(report.tscHz), stays: report.runs.map((one) => stayOf(one, report.tscHz)) };
}

const stayOf = ({ percent, packetsPerS, sent, received, cycles }: Static<typeof Report>['runs'][number], tscHz: number): Stay => {
  const ns = (share: number): number => round((quantile(cycles, share) * 1e9) / tscHz, 0);
  return { percent, packetsPerS, lost: sent - received, medianNs: ns(0.5), p99Ns: ns(0.99), p999Ns: ns(0.999) };
};
