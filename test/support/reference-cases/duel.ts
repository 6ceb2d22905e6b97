import { formatFlow } from '../../../src/flow/syntax/text.js';
import { formatGroup } from '../../../src/flow/syntax/group-text.js';
import { VswitchError, type ErrorCode } from '../../../src/model/errors.js';
import type { FlowSet } from '../../../src/model/flow.js';
import { tenantName, tenantOwner, type PortNumber } from '../../../src/model/ids.js';
import { openReplay, type ReplaySession } from '../../../src/replay/session.js';
import { loadAddon } from '../../../src/switch/binding.js';
import { switchOptions } from '../../../src/switch/options.js';
import { Switch } from '../../../src/switch/switch.js';
import type { ProbePacket, ProbeResult } from '../../../src/switch/types.js';
import { ReferenceDataPlane } from '../reference/data-plane.js';
import type { Program } from '../reference/state.js';
import { nativeLimit } from './known.js';
import { allPorts, firstBufferBytes, headroomBytes, livePorts, wideMeter } from './pools.js';
import type { Present, Transaction } from './transactions.js';

const owner = tenantOwner(tenantName('replay'));
const maxRules = 4096;

/** Few, so that small tables are compiled in every way. */
const masksPerTable = 4;

/** What both switches made of a transaction: applied, or refused with this code. */
export interface Verdicts {
  readonly native: ErrorCode | 'applied';
  readonly reference: ErrorCode | 'applied';
  readonly message: string;
  /** Why only the native one refused it, where that is known. */
  readonly known: string | undefined;
}

/** The native data plane and the reference behind the same flow table, given the same. */
export class Duel {
  readonly #native: ReplaySession;
  readonly #reference: ReplaySession;
  readonly #plane: ReferenceDataPlane;

  private constructor(native: ReplaySession, reference: ReplaySession, plane: ReferenceDataPlane) {
    this.#native = native;
    this.#reference = reference;
    this.#plane = plane;
  }

  /** Once in a process. */
  static async start(): Promise<Duel> {
    const plane = new ReferenceDataPlane();
    const setup = { ports: allPorts, maxRules };
    const native = await openReplay(setup, (config) =>
      Switch.start(loadAddon(), {
        ...switchOptions(config),
        cores: [],
        mbufDataBytes: headroomBytes + firstBufferBytes,
        masksPerTable,
        tableMib: 256,
      }),
    );
    const reference = await openReplay(setup, async () => plane);
    const duel = new Duel(native, reference, plane);
    for (const name of allPorts.filter((port) => !livePorts.some((live) => live === port))) {
      await native.dataPlane.closePort(duel.port(name));
      await plane.closePort(duel.port(name));
    }
    return duel;
  }

  port(name: string): PortNumber {
    return this.#native.ports.find(name)!;
  }

  async clear(): Promise<void> {
    for (const { flows } of [this.#native, this.#reference]) {
      await flows.replace(owner, { flows: [], groups: [] });
      await flows.replace(owner, { flows: [], meters: [wideMeter] });
    }
  }

  /** The reference is given what the native data plane did not refuse for a reason of its own. */
  async apply(transaction: Transaction): Promise<Verdicts> {
    const native = await verdictOf(this.#native, transaction);
    const limit = nativeLimit(native, this.#mostRules(transaction));
    if (limit !== undefined) return { native: native.code, reference: native.code, message: native.message, known: limit };
    const reference = await verdictOf(this.#reference, transaction);
    return { native: native.code, reference: reference.code, message: native.message + reference.message, known: undefined };
  }

  /** That a table can have after it. */
  #mostRules(transaction: Transaction): number {
    if ('set' in transaction) return transaction.set.flows.length;
    return this.installed().flows.length + transaction.operations.filter(({ op }) => op === 'add').length;
  }

  probe(packets: readonly ProbePacket[]): Promise<ProbeResult[]> {
    return this.#native.dataPlane.probe(packets, true);
  }

  program(inPort: PortNumber): Program {
    return this.#plane.program(inPort).program;
  }

  /** A rule of one of them as both would name it. */
  ruleName(of: 'native' | 'reference', rule: number | undefined): string {
    const { flows } = of === 'native' ? this.#native : this.#reference;
    const flow = rule === undefined ? undefined : flows.ofRule(rule);
    if (!flow) return 'none';
    const { table, priority, match } = formatFlow(flow, flows.topology);
    return JSON.stringify({ table, priority, match });
  }

  present(): Present {
    const { flows, groups } = this.installed();
    return { flows, groups: new Set(groups?.map(({ group }) => group)) };
  }

  /** As `vswitch replay --flows` takes it. */
  installed(): FlowSet {
    const { flows } = this.#native;
    const groups = flows.groups.list(owner).map(({ value }) => formatGroup(value, flows.topology));
    return { flows: flows.list(owner).map((flow) => formatFlow(flow, flows.topology)), groups, meters: [wideMeter] };
  }

  async close(): Promise<void> {
    await this.#native.close();
  }
}

async function verdictOf(
  { flows }: ReplaySession,
  transaction: Transaction,
): Promise<{ readonly code: ErrorCode | 'applied'; readonly message: string }> {
  try {
    if ('set' in transaction) await flows.replace(owner, transaction.set);
    else await flows.transact(owner, transaction.operations);
    return { code: 'applied', message: '' };
  } catch (error) {
    if (!(error instanceof VswitchError)) throw error;
    return { code: error.code, message: `${error.message}: ${error.faults.map(({ message }) => message).join('; ')}` };
  }
}
