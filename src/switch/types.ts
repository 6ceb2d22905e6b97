import type { Generation, PortName, PortNumber } from '../model/ids.js';
import type { Action } from '../model/action.js';
import type { DropReason } from '../model/drop.js';
import type { IpAddress } from '../model/address.js';
import type { CtCounter, CtEntryKind, CtState } from '../model/conntrack.js';
import type { Group } from '../model/group.js';
import type { HeaderName } from '../model/header.js';
import type { FieldName, Match } from '../model/match.js';
import type { Meter } from '../model/meter.js';
import type { PortDeviceCounters, PortInfo, PortLink, PortReplies, PortRole } from '../model/port.js';
import type { CounterSnapshot } from '../model/usage.js';
import type { PortConfig } from '../config/schema.js';

/** A tenant's slot in the data plane; 0 is the uplink: packets that belong to no tenant. */
export type TenantSlot = number;

/** A rule as the data plane holds it: one table set a tenant slot. */
export interface Rule {
  /** Below the switch's `limits.rules`; also indexes the rule's counters. */
  readonly id: number;
  readonly slot: TenantSlot;
  readonly table: number;
  /** Higher wins; see rankOf in model/flow.ts. */
  readonly rank: number;
  readonly match: Match;
  readonly actions: readonly Action[];
}

/** Maps packets that come from an uplink to a tenant's slot. */
export interface SteeringRule {
  readonly id: number;
  readonly rank: number;
  readonly match: Match;
  readonly slot: TenantSlot;
}

/**
 * One atomic change: no packet sees half of it. Removals are done first; a rule id may be removed and added in one transaction. Groups
 * and meters are put whole, under numbers of the data plane below its limits; the actions of rules and buckets name these numbers.
 */
export interface RuleTransaction {
  readonly remove: readonly { readonly id: number; readonly slot: TenantSlot | 'steering'; readonly table: number }[];
  readonly add: readonly Rule[];
  readonly steer: readonly SteeringRule[];
  readonly putGroups: readonly PlacedGroup[];
  readonly removeGroups: readonly number[];
  readonly putMeters: readonly PlacedMeter[];
  readonly removeMeters: readonly number[];
}

export interface PlacedGroup {
  readonly number: number;
  readonly group: Omit<Group, 'group'>;
}

export interface PlacedMeter {
  readonly number: number;
  readonly meter: Omit<Meter, 'meter'>;
}

export interface MeterCounters {
  readonly packets: bigint;
  readonly bytes: bigint;
  readonly green: bigint;
  readonly yellow: bigint;
  readonly red: bigint;
}

/** What a table did since the switch started. */
export interface TableCounters {
  readonly lookups: bigint;
  readonly matches: bigint;
  /** Of the look-ups, those whose cycles are known: a stamp costs half of what a packet does. */
  readonly timed: bigint;
  /** Of matching those, on all workers. */
  readonly cycles: bigint;
}

/** One reading of every table's counters. */
export interface TableSnapshot {
  /** Milliseconds of a monotonic clock at the reading. */
  readonly atMs: number;
  /** By slot, then table. */
  readonly tables: readonly (readonly TableCounters[])[];
}

/** A packet that the installed program is to be tried with; nothing is sent or counted. */
export interface ProbePacket {
  readonly inPort: PortNumber;
  readonly bytes: Uint8Array;
}

/** What the program did with it. */
export interface ProbeResult {
  readonly slot: TenantSlot;
  readonly out: readonly { readonly port: PortNumber; readonly bytes: Uint8Array }[];
  /** One for each table that it met, in that order; `rule` is undefined for a miss. */
  readonly steps: readonly ProbeStep[];
  /** The handlers of the plugins that it would go to. */
  readonly punted: readonly number[];
  /** Why copies of it were lost, in the order of dropReasons, each as often as it happened. */
  readonly drops: readonly DropReason[];
  /** TSC cycles by stage, in the order of stages. */
  readonly cycles: readonly bigint[];
}

export interface ProbeStep {
  readonly table: number;
  readonly rule: number | undefined;
  /** With `detail`: what the table was asked, by field; empty otherwise. */
  readonly fields: ReadonlyMap<FieldName, bigint>;
  /** With `detail`: the packet as it came to the table. */
  readonly bytes: Uint8Array;
}

/** A template of native/table/table.h, and what a look-up in it costs at most. */
export interface TemplateReport {
  readonly template: string;
  readonly memoryBytes: number;
  /** Cells, slots and rules that a look-up compares at most. */
  readonly maxProbes: number;
}

/** What a table was compiled to. */
export interface TableReport extends TemplateReport {
  readonly slot: TenantSlot;
  readonly table: number;
  /** Its sub-tables, in the order in which they are looked up. */
  readonly parts: readonly TemplateReport[];
}

/** Which header of a port's packets is read, and the rule because of which; undefined for steering. */
export interface ParsedHeader {
  readonly port: PortNumber;
  readonly header: HeaderName;
  readonly rule: number | undefined;
}

/** What became of transactions. */
export interface Applied {
  /** Of those that were applied: all, or those before the first that failed. */
  readonly generations: readonly Generation[];
  /** Why that one failed; it and those after it changed nothing. */
  readonly fault?: unknown;
}

export interface RuleCounters {
  readonly packets: bigint;
  readonly bytes: bigint;
}

/** Which connections; what is left out is any. Address and port are those of either end, in either direction. */
export interface CtFilter {
  readonly slot?: TenantSlot;
  readonly zone?: number;
  readonly proto?: number;
  readonly address?: IpAddress;
  readonly port?: number;
}

/** The ends of one direction of a connection, as its packets come; of ICMP, the identifier is in both ports. */
export interface CtEnds {
  readonly src: IpAddress;
  readonly dst: IpAddress;
  readonly srcPort: number;
  readonly dstPort: number;
}

export interface CtConnection {
  readonly slot: TenantSlot;
  readonly zone: number;
  readonly proto: number;
  readonly original: CtEnds;
  /** Not the original turned where there is NAT. */
  readonly reply: CtEnds;
  readonly state: CtState;
  readonly mark: number;
  readonly label: bigint;
  /** Until it goes, if no packet comes. */
  readonly timeoutMs: number;
}

export interface CtPage {
  readonly connections: readonly CtConnection[];
  /** Where the next ones begin; 0 after the last. */
  readonly cursor: number;
}

export interface CtUsage {
  readonly entries: number;
  readonly capacity: number;
  readonly memoryBytes: number;
}

export interface CtRestored {
  readonly restored: number;
  /** There already, over a limit, or of no tenant. */
  readonly skipped: number;
}

export type CtStateCounts = Readonly<Record<CtEntryKind, number>>;

export type CtCounters = Readonly<Record<CtCounter, bigint>>;

/** The connections that the data plane tracks. */
export interface Conntrack {
  /** @param cursor of the page before, at first 0. */
  list(filter: CtFilter, limit: number, cursor: number): Promise<CtPage>;
  count(filter: CtFilter): Promise<number>;
  /** Forgets connections; says how many. */
  flush(filter: CtFilter): Promise<number>;
  snapshot(): Promise<Uint8Array>;
  restore(snapshot: Uint8Array): Promise<CtRestored>;
  /** 0: no limit. */
  limitZone(slot: TenantSlot, zone: number, entries: number, newPerSecond: number): Promise<void>;
  /** By slot; the same array as before where none of them changed. */
  counters(): readonly CtCounters[];
  /** Entries now, by slot; looks at each of them. */
  states(): Promise<CtStateCounts[]>;
  usage(): Promise<CtUsage>;
}

export interface PuntOptions {
  /** Of each worker and direction; made a power of two. */
  readonly queueBytes: number;
  /** Of each worker; 0: as many as there are. */
  readonly packetsPerSecond: number;
}

/** Since the switch started, of all ways that the tenant's slot has had. */
export interface PuntCounters {
  readonly punted: bigint;
  readonly puntedBytes: bigint;
  /** Came back, and went through the tables anew. */
  readonly resumed: bigint;
  /** Came back, and went out of the port that they named. */
  readonly output: bigint;
  /** Came back, and were lost for what they asked. */
  readonly refused: bigint;
}

/** The way to a tenant's plugins and back. */
export interface PuntChannel {
  /** The plugins' end of a stream socket (native/punt/record.h says what it carries), which is theirs to close. */
  readonly fd: number;
  counters(): PuntCounters;
  /** Resolves when no packet of the tenant is on that way any more. */
  close(): Promise<void>;
}

/**
 * The data plane, as the floors above see it: validated input, typed errors. Every method rejects with CLOSED after close().
 */
export interface DataPlane {
  /** @param replies where left out, nothing is answered but by flows. */
  openPort(
    number: PortNumber,
    name: PortName,
    role: PortRole,
    slot: TenantSlot,
    config: PortConfig,
    replies?: PortReplies,
  ): Promise<PortInfo>;
  closePort(number: PortNumber): Promise<void>;
  portState(number: PortNumber): Promise<{ readonly link: PortLink; readonly device: PortDeviceCounters }>;
  /** One after the other, each as a whole or not at all. Resolves when every worker works by the new rules. */
  apply(transactions: readonly RuleTransaction[]): Promise<Applied>;
  snapshot(): CounterSnapshot;
  ruleCounters(ids: readonly number[]): RuleCounters[];
  groupCounters(numbers: readonly number[]): RuleCounters[];
  meterCounters(numbers: readonly number[]): MeterCounters[];
  tableSnapshot(): TableSnapshot;
  /** Runs packets one by one through the installed program, on the control thread. `detail`: with what each table was asked; meters keep their tokens then. */
  probe(packets: readonly ProbePacket[], detail: boolean): Promise<ProbeResult[]>;
  /** What the parser reads of each port's packets. */
  parserPlan(): Promise<ParsedHeader[]>;
  /** Of the tables that hold rules, by slot, then number. */
  tableReports(): Promise<readonly TableReport[]>;
  /** By packShares (switch/cycle-shares.ts); workers work by them from their next epoch on. */
  setShares(cycleShares: Uint32Array): Promise<void>;
  /** Looks at the ports' links, for groups that watch them. */
  refreshLinks(): Promise<void>;
  /** Opens the way to a tenant's plugins; one a slot. */
  openPunt(slot: TenantSlot, options: PuntOptions): Promise<PuntChannel>;
  readonly conntrack: Conntrack;
  readonly tscHz: bigint;
  readonly dpdkVersion: string;
  readonly hugepages: boolean;
  close(): Promise<void>;
}
