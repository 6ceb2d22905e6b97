import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { FlowText } from '../../src/model/flow.js';
import { makeWorkload, type Work } from '../forwarding.js';
import { timed, timedEach, timesOf, type Times } from '../measure/latency.js';
import { round } from '../measure/stats.js';
import type { OurRunning, OurSubject } from '../ours.js';
import { exactWork, newExactFlows } from '../rules/exact.js';
import type { Options } from '../scenario.js';
import { withScope, type Scope } from '../support/scope.js';
import { requestBytes, sendPipelined } from './pipelined.js';

export interface OurUpdates {
  /** By table: from the request to the answer, which is given when the rule is in force. */
  readonly oneRule: Readonly<Record<string, Times | string>>;
  /** 100,000 rules in one transaction. */
  readonly manyRulesS: number;
  readonly transactionsPerS: { readonly oneByOne: number; readonly pipelined: number };
  /** Packets that were dropped while rules changed one by one; all match a rule that stays. */
  readonly lostPackets: number;
  readonly tscHz: number;
}

export interface UpdatedTable {
  readonly name: string;
  readonly work: () => Work;
  readonly fresh: () => FlowText[];
}

const Drops = Type.Object({
  tenants: Type.Array(Type.Object({ totals: Type.Object({ drops: Type.Record(Type.String(), Type.Integer()) }) })),
});

/** Measures them in processes of their own, one after the other. */
export async function ourUpdates(
  subject: OurSubject,
  tables: readonly UpdatedTable[],
  many: readonly FlowText[],
  options: Options,
  scope: Scope,
): Promise<OurUpdates> {
  const oneRule: Record<string, Times | string> = {};
  for (const { name, work, fresh } of tables) {
    oneRule[name] = await onTable(work(), (running) => addEach(running, fresh()), subject, scope).catch((error: unknown) =>
      String(error instanceof Error ? error.message : error).slice(0, 300),
    );
    options.log(`ours: a rule on ${name}: ${JSON.stringify(oneRule[name])}`);
  }
  const rest = await onTable(
    exactWork(1000, 1000),
    async (running) => {
      const before = await dropsOf(running);
      const singles = newExactFlows(many.length + 32_000).slice(many.length);
      const oneByOne = await rateOf(async () => (await addEach(running, singles.slice(0, 2000))).count);
      // The first round is for the compiler of whoever answers.
      const pipelined = Math.max(
        await addAhead(running, singles.slice(2000, 12_000)),
        await addAhead(running, singles.slice(12_000)),
      );
      const lostPackets = (await dropsOf(running)) - before;
      // As the peer's client reads a file, ours has the request ready.
      const request = [addRequest(many)];
      const manyRulesS = round((await timed(() => sendPipelined(running.socketPath, request))) / 1000, 2);
      return {
        manyRulesS,
        transactionsPerS: { oneByOne, pipelined },
        lostPackets,
        tscHz: Number((await running.tscHz()) ?? 0n),
      };
    },
    subject,
    scope,
  );
  options.log(`ours: ${rest.manyRulesS} s for ${many.length} rules; ${JSON.stringify(rest.transactionsPerS)} transactions/s`);
  return { oneRule, ...rest };
}

const onTable = <T>(work: Work, body: (running: OurRunning) => Promise<T>, subject: OurSubject, parent: Scope): Promise<T> =>
  withScope(async (scope) => {
    const workload = await makeWorkload(work, scope);
    return body(await subject.start(workload, { kind: 'measure' }, scope));
  }, parent);

const add = (running: OurRunning, flows: readonly FlowText[]): Promise<unknown> =>
  running.send('PATCH', '/v1/flows', { operations: flows.map((flow) => ({ op: 'add', flow })) });

const addRequest = (flows: readonly FlowText[]): Buffer =>
  requestBytes('PATCH', '/v1/flows', { operations: flows.map((flow) => ({ op: 'add', flow })) });

const addEach = async (running: OurRunning, flows: readonly FlowText[]): Promise<Times> =>
  timesOf(await timedEach(flows, (flow) => add(running, [flow])));

/** Rules one by one without waiting for the answers; how many a second. */
const addAhead = (running: OurRunning, flows: readonly FlowText[]): Promise<number> => {
  const requests = flows.map((flow) => addRequest([flow]));
  return rateOf(async () => {
    await sendPipelined(running.socketPath, requests);
    return requests.length;
  });
};

/** How many a second. */
async function rateOf(what: () => Promise<number>): Promise<number> {
  const start = performance.now();
  const count = await what();
  return Math.round((count / (performance.now() - start)) * 1000);
}

async function dropsOf(running: OurRunning): Promise<number> {
  const usage = await running.send('GET', '/v1/usage');
  if (!Value.Check(Drops, usage)) throw new Error('no drops in the answer of /v1/usage');
  return usage.tenants.flatMap(({ totals }) => Object.values(totals.drops)).reduce((sum, count) => sum + count, 0);
}
