import { outcomeOf, start } from '../../../src/lab/command.js';
import { inside, type LabHost } from '../../../src/lab/plan.js';
import { addressOf } from '../../../src/lab/traffic.js';

export interface IperfRun {
  readonly bitsPerSecond: number;
  readonly retransmits: number;
}

interface IperfReport {
  readonly end?: { readonly sum_sent: { readonly bits_per_second: number; readonly retransmits: number } };
  readonly error?: string;
}

/** One TCP stream between two machines of a lab. @throws Error with what iperf3(1) said. */
export async function iperf(from: LabHost, to: LabHost, seconds: number): Promise<IperfRun> {
  // One client, then it ends.
  start(inside(to.namespace, 'iperf3', '--server', '--one-off'));
  const client = inside(from.namespace, 'iperf3', '--client', addressOf(to), '--time', String(seconds), '--json');
  let said = '';
  for (let attempt = 0; attempt < 20; attempt++) {
    said = (await outcomeOf(client)).text;
    const { end, error } = JSON.parse(said) as IperfReport;
    if (end && error === undefined) return { bitsPerSecond: end.sum_sent.bits_per_second, retransmits: end.sum_sent.retransmits };
    // The server may not listen yet.
    if (!/refused/.test(error ?? '')) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`iperf3: ${said}`);
}
