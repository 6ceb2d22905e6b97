import { billsOf, type Bills } from '../accounting/bills.js';
import { tenantNames, ways, type TenantName, type Way } from '../accounting/tenants.js';
import { withoutAccounting } from '../accounting/without.js';
import { makeWorkload, proveAll } from '../forwarding.js';
import { measureAll, type Entry } from '../measure/session.js';
import { median, round } from '../measure/stats.js';
import { oursIn } from '../ours.js';
import { makeResult, withoutFloor, type Result } from '../result.js';
import { forward } from '../rules/actions.js';
import { oneRule } from '../rules/one.js';
import type { Options, Scenario } from '../scenario.js';
import { withScope, type Scope } from '../support/scope.js';

const bare = 'without-accounting';

/** A tenant's bill for a packet by itself and beside others, and what it costs to know it. */
export const accounting: Scenario = {
  name: 'accounting',
  title: 'accounting: one rule with every cycle billed, and with accounting compiled out',
  subjects: ['ours', bare],
  defaultFlows: 1000,
  maxFlows: 16_384,
  comparable: false,
  run,
};

interface Line {
  readonly tenant: TenantName;
  readonly way: Way;
  /** Cycles a packet, medians over the process starts. */
  readonly alone: number;
  readonly mixed: number;
  readonly errorPct: number;
}

async function run(options: Options, scope: Scope): Promise<Result> {
  const subjects = [oursIn(options.tree), withoutAccounting(options.tree)].filter((s) => options.only?.includes(s.name) ?? true);
  for (const subject of subjects) await subject.prepare();
  const work = oneRule(options.flows, forward());
  const workload = await makeWorkload(work, scope);
  await proveAll(subjects, workload, work, [], options, scope);
  const errors: number[] = [];
  const lines: Line[] = [];
  const withBills = subjects.some(({ name }) => name === 'ours');
  for (const way of withBills ? ways : []) lines.push(...(await linesOf(way, workload.directory, options, errors, scope)));
  const measured = await measureAll(
    subjects.map((subject): Entry => ({ name: subject.name, subject, workload })),
    options,
    scope,
  );
  const [ours, without] = ['ours', bare].map((name) => measured.summaries.get(name));
  return makeResult({
    ...withoutFloor(accounting.name, bare, options),
    ...measured,
    extra: {
      maxErrorPct: withBills ? Math.max(...lines.map(({ errorPct }) => Math.abs(errorPct))) : null,
      overheadPct: ours && without ? round((ours.median / without.median - 1) * 100, 2) : null,
      conservationErrorPct: withBills ? round(Math.max(...errors) * 100, 5) : null,
      bills: lines,
    },
  });
}

/** Each tenant by itself, then all at once, over as many process starts; what no account has is added to `errors`. */
async function linesOf(way: Way, directory: string, options: Options, errors: number[], scope: Scope): Promise<Line[]> {
  const alone = new Map<TenantName, number[]>(tenantNames.map((name) => [name, []]));
  const mixed = new Map<TenantName, number[]>(tenantNames.map((name) => [name, []]));
  const bill = async (tenants: readonly TenantName[], into: ReadonlyMap<TenantName, number[]>): Promise<void> => {
    const costs = new Map([...alone].map(([name, cycles]) => [name, cycles.length === 0 ? 1 : median(cycles)]));
    const bills: Bills = await withScope((inner) => billsOf(way, tenants, costs, directory, options, inner), scope);
    for (const [name, cycles] of bills.cyclesPerPacket) into.get(name)?.push(cycles);
    errors.push(bills.conservationError);
    const text = [...bills.cyclesPerPacket].map(([name, cycles]) => `${name} ${cycles.toFixed(1)}`).join(', ');
    options.log(`${way} ports: ${text} cycles a packet`);
  };
  for (let i = 0; i < options.runs; ++i) {
    for (const name of tenantNames) await bill([name], alone);
    await bill(tenantNames, mixed);
  }
  return tenantNames.map((tenant): Line => {
    const [a, m] = [median(alone.get(tenant) ?? []), median(mixed.get(tenant) ?? [])];
    return { tenant, way, alone: round(a, 1), mixed: round(m, 1), errorPct: round((m / a - 1) * 100, 2) };
  });
}
