import { setTimeout as sleep } from 'node:timers/promises';
import type { UsageView } from '../api/schemas/usage.js';
import type { PolicyEntry } from '../config/schema.js';
import type { LabHost, LabPlan } from './plan.js';
import { addressOf, fetchPage, ping } from './traffic.js';

/** What the checks ask of the switch. */
export interface SwitchApi {
  usage(): Promise<UsageView>;
  policy(): Promise<readonly PolicyEntry[]>;
  setPolicy(entries: readonly PolicyEntry[]): Promise<void>;
}

export interface Check {
  readonly title: string;
  readonly ok: boolean;
  /** What was seen. */
  readonly detail: string;
}

/** The lab's machine by its tenant and place among the tenant's VMs. */
type Pair = readonly [from: LabHost, to: LabHost];

/** Sends real packets on every way through the switch, and yields what came of each. */
export async function* runChecks(plan: LabPlan, api: SwitchApi): AsyncGenerator<Check> {
  const { uplinkHost, vms } = plan;
  const [first] = vms;
  if (!first) return;
  const neighbour = vms.find((vm) => vm !== first && vm.tenant === first.tenant);
  const stranger = vms.find((vm) => vm.tenant !== first.tenant);
  yield* passes([uplinkHost, first]);
  yield* passes([first, uplinkHost]);
  if (neighbour) {
    yield* passes([first, neighbour]);
    yield* passes([neighbour, first]);
  }
  if (stranger) yield* policyChecks([first, stranger], api);
}

/** Refused by default, passes both ways when allowed, and is refused again. */
async function* policyChecks(pair: Pair, api: SwitchApi): AsyncGenerator<Check> {
  const [from, to] = pair;
  const tenants = { from: from.tenant ?? '', to: to.tenant ?? '' };
  const before = await api.policy();
  const others = before.filter((entry) => ![entry.from, entry.to].every((name) => Object.values(tenants).includes(name)));
  await api.setPolicy(others);
  yield await refused(pair, api);
  await api.setPolicy([...others, tenants, { from: tenants.to, to: tenants.from }]);
  yield* passes(pair, ', allowed by policy');
  yield* passes([to, from], ', allowed by policy');
  await api.setPolicy(others);
  yield await refused(pair, api, ' again');
  await api.setPolicy(before);
}

async function* passes([from, to]: Pair, note = ''): AsyncGenerator<Check> {
  const way = `${nameOf(from)} -> ${nameOf(to)}${note}`;
  const pinged = await ping(from, to);
  yield { title: `ping ${way}`, ok: pinged.code === 0, detail: summary(pinged.text) };
  const fetched = await fetchPage(from, to);
  yield {
    title: `http ${way}`,
    ok: fetched.code === 0,
    detail: fetched.code === 0 ? fetched.text.trim() : summary(fetched.text),
  };
}

/** No answer comes, and the switch says why. */
async function refused([from, to]: Pair, api: SwitchApi, note = ''): Promise<Check> {
  const before = await refusals(api, from);
  const { code } = await ping(from, to);
  let dropped = 0;
  // The sampler reads the counters once in a while.
  for (let attempt = 0; dropped === 0 && attempt < 15; attempt++) {
    await sleep(200);
    dropped = (await refusals(api, from)) - before;
  }
  return {
    title: `ping ${nameOf(from)} -> ${nameOf(to)} is refused${note}`,
    ok: code !== 0 && dropped > 0,
    detail: `${code === 0 ? 'answered' : 'no answer'}, policy_refused rose by ${dropped}`,
  };
}

async function refusals(api: SwitchApi, { tenant }: LabHost): Promise<number> {
  const { tenants } = await api.usage();
  return tenants.find((usage) => usage.tenant === tenant)?.totals.drops.policy_refused ?? 0;
}

export const nameOf = (host: LabHost): string =>
  host.tenant === undefined ? `uplink ${addressOf(host)}` : `${host.tenant} ${host.vm ?? ''} ${addressOf(host)}`;

/** The line of ping(8) that says how many came, or the last that a program wrote. */
function summary(text: string): string {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return lines.find((line) => line.includes('packets transmitted')) ?? lines.at(-1) ?? '';
}
