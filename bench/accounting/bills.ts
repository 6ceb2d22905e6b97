import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import { serve } from '../ours.js';
import type { Options } from '../scenario.js';
import { encodePcap } from '../support/pcap.js';
import type { Scope } from '../support/scope.js';
import { tenantsConfig, trafficOf, type TenantName, type Way } from './tenants.js';

const Cycles = Type.Record(Type.String(), Type.Integer({ minimum: 0 }));
const Usage = Type.Object({
  conservationError: Type.Number(),
  tenants: Type.Array(
    Type.Object({
      tenant: Type.Union([Type.String(), Type.Null()]),
      totals: Type.Object({ rxPackets: Type.Integer(), txPackets: Type.Integer(), cycles: Cycles }),
    }),
  ),
});

export interface Bills {
  /** What each tenant is billed for a packet. */
  readonly cyclesPerPacket: ReadonlyMap<TenantName, number>;
  /** Of the elapsed cycles. */
  readonly conservationError: number;
}

/** What a switch bills tenants for, whose packets come by one way at once. */
export async function billsOf(
  way: Way,
  tenants: readonly TenantName[],
  costs: ReadonlyMap<TenantName, number>,
  directory: string,
  options: Options,
  scope: Scope,
): Promise<Bills> {
  const captures = new Map<string, string>();
  for (const [port, frames] of trafficOf(way, tenants, options.flows, costs)) {
    captures.set(port, join(directory, `${port}.pcap`));
    await writeFile(join(directory, `${port}.pcap`), encodePcap(frames));
  }
  const { send } = await serve(options.tree, directory, (socket) => tenantsConfig(way, captures, socket), scope);
  const look = async (): Promise<Static<typeof Usage>> => {
    const usage = await send('GET', '/v1/usage');
    if (!Value.Check(Usage, usage)) throw new Error(`not a usage report: ${JSON.stringify(usage).slice(0, 300)}`);
    return usage;
  };
  await sleep(options.warmUpMs);
  const before = await look();
  await sleep(options.windowMs);
  const after = await look();
  const totals = ({ tenants: all }: Static<typeof Usage>, name: TenantName) => {
    const found = all.find(({ tenant }) => tenant === name)?.totals;
    if (!found) throw new Error(`there is no tenant ${name}`);
    return found;
  };
  const cyclesPerPacket = new Map(
    tenants.map((name) => {
      const [from, to] = [totals(before, name), totals(after, name)];
      const cycles = (stages: readonly string[]) =>
        stages.reduce((sum, stage) => sum + (to.cycles[stage] ?? NaN) - (from.cycles[stage] ?? NaN), 0);
      const [received, sent] = [to.rxPackets - from.rxPackets, to.txPackets - from.txPackets];
      if (sent < received / 2) throw new Error(`${name}: ${sent} of ${received} packets were forwarded`);
      // Of a busy uplink each tenant is forwarded what its share of the worker takes; the others end before they are matched.
      return [name, cycles(['rx', 'parse', 'steer']) / received + cycles(['match', 'act', 'tx']) / sent];
    }),
  );
  return { cyclesPerPacket, conservationError: after.conservationError };
}
