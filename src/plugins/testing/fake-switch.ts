import type { FieldName } from '../../model/match.js';
import type { Topology } from '../../model/topology.js';
import { VswitchError } from '../../model/errors.js';
import type { BandPlace } from '../band/compile.js';
import type { HostRule, HostRuleSet } from '../band/host-rule.js';
import type { Clock, Outside } from '../host/outside.js';
import type { Json } from '../sdk/context.js';
import { PluginError } from '../sdk/errors.js';
import type { RuleCounter, RuleResult, RuleStock } from '../sdk/rules.js';
import type { LogLevel } from '../wire/messages.js';
import { headAt, headerBytes, output, paddedBytes } from '../wire/record.js';
import { RecordWriter } from '../wire/writer.js';
import type { LogLine, SentFrame } from './outcome.js';
import { RuleTable } from './rule-table.js';

/** Everything around a plugin, of memory. */
export class FakeSwitch implements Outside {
  readonly clock: Clock;
  readonly topology: Topology;
  readonly index: number;
  readonly logs: LogLine[] = [];
  readonly raised: { readonly event: string; readonly details: Readonly<Record<string, Json>> }[] = [];
  readonly errors: unknown[] = [];
  readonly writer: RecordWriter;
  counters: readonly RuleCounter[] = [];
  saved: Readonly<Record<string, Json>> = {};
  stock: RuleStock = {};
  rules: readonly HostRule[] = [];
  readonly #place: BandPlace;
  readonly #written: Uint8Array[] = [];
  #table: RuleTable | undefined;

  constructor(place: BandPlace, topology: Topology, clock: Clock) {
    this.#place = place;
    this.index = place.index;
    this.topology = topology;
    this.clock = clock;
    this.writer = new RecordWriter((bytes) => this.#written.push(bytes));
  }

  async replaceRules(set: HostRuleSet): Promise<RuleResult> {
    const before = this.rules.map((rule) => JSON.stringify(rule));
    this.#table = this.#tableOf(set);
    const { rules, ...stock } = set;
    this.rules = rules;
    this.stock = { ...this.stock, ...stock };
    const now = rules.map((rule) => JSON.stringify(rule));
    const added = now.filter((rule) => !before.includes(rule)).length;
    return { added, modified: 0, deleted: before.filter((rule) => !now.includes(rule)).length };
  }

  async ruleCounters(): Promise<readonly RuleCounter[]> {
    return this.rules.map((_, i) => this.counters[i] ?? { packets: 0n, bytes: 0n });
  }

  find(fields: ReadonlyMap<FieldName, bigint>): { readonly rule: HostRule } | undefined {
    return this.#table?.find(fields);
  }

  /** @throws RangeError */
  portNumber(name: string): number {
    const port = this.topology.portByName.get(name);
    if (!port) throw new RangeError(`there is no port ${name}; there is ${[...this.topology.portByName.keys()].join(', ')}`);
    return port.number;
  }

  /** What was sent since the last call. */
  taken(): SentFrame[] {
    this.writer.flush();
    const bytes = Buffer.concat(this.#written.splice(0));
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const sent: SentFrame[] = [];
    for (let at = 0; at < bytes.length;) {
      const { length, kind, port, mark } = headAt(view, at);
      const frame = Uint8Array.from(bytes.subarray(at + headerBytes, at + headerBytes + length));
      const name = this.topology.portByNumber.get(port)?.name ?? String(port);
      sent.push({ kind: kind === output ? 'output' : 'resume', port: name, mark, frame });
      at += paddedBytes(length);
    }
    return sent;
  }

  wrote(): void {}

  log(level: LogLevel, message: string, fields?: Readonly<Record<string, Json>>): void {
    this.logs.push({ level, message, fields });
  }

  raise(event: string, details: Readonly<Record<string, Json>>): void {
    this.raised.push({ event, details });
  }

  async save(text: string): Promise<void> {
    this.saved = JSON.parse(text) as Record<string, Json>;
  }

  run<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.failed(error);
      return undefined;
    }
  }

  failed(error: unknown): void {
    this.errors.push(error);
  }

  #tableOf(set: HostRuleSet): RuleTable {
    try {
      return new RuleTable(set, this.#place, this.topology, this.stock);
    } catch (error) {
      if (error instanceof VswitchError) throw new PluginError(error.code, error.message, error.faults);
      throw error;
    }
  }
}
