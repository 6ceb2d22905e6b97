import { setTimeout as sleep } from 'node:timers/promises';
import { parsePmdStats } from './ovs-output.js';
import type { Ovs } from './ovs-process.js';

const stepMs = 500;
const longestMs = 60_000;
/** An upcall costs some 50,000 cycles: this share of packets, half a cycle each. */
const missShare = 1e-5;

/** While its caches fill, each step is faster than the one before it. */
const growth = 1.03;

/** Waits until its caches know all flows of the traffic: until hardly a packet goes to the slow path, and it grows no faster. */
export async function settle({ appctl }: Pick<Ovs, 'appctl'>): Promise<string | undefined> {
  const read = async () => parsePmdStats(await appctl('dpif-netdev/pmd-stats-show'));
  const end = performance.now() + longestMs;
  let last = 0;
  for (let before = await read(); ;) {
    await sleep(stepMs);
    const after = await read();
    const [received, missed] = [after.received - before.received, after.missed - before.missed];
    if (last > 0 && received <= last * growth && missed <= 1 + received * missShare) return undefined;
    last = received;
    if (performance.now() > end)
      return `after ${longestMs / 1000} s still ${missed} of ${received} packets go to its slow path, within ${stepMs} ms`;
    before = after;
  }
}
