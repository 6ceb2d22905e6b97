import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { UsageReport } from '../accounting/report.js';
import type { Shares } from '../accounting/shares.js';
import type { PolicyEntry } from '../config/schema.js';
import type { ScannedAdds } from '../flow/scanned-adds.js';
import type { Stock } from '../flow/stock.js';
import type { FlowOperation, FlowSet, FlowStats, FlowText, InstalledFlow } from '../model/flow.js';
import type { Group, GroupText } from '../model/group.js';
import type { FlowId, Generation, Owner } from '../model/ids.js';
import type { Meter } from '../model/meter.js';
import type { Metrics } from '../metrics/registry.js';
import type { PluginService } from '../plugins/service.js';
import type { Billing } from '../pricing/billing.js';
import type { PortService } from '../ports/port-service.js';
import type { MeterCounters, RuleCounters } from '../switch/types.js';
import type { TraceRequest } from '../replay/traced-packet.js';
import type { EventHub } from './events.js';
import type { FlowResultView } from './schemas/flows.js';
import type { ParserView } from './schemas/parser.js';
import type { TableDetail, TableView, TenantView } from './schemas/tenants.js';
import type { TraceView } from './schemas/trace.js';
import type { ConntrackService } from './views/conntrack.js';
import type { LedgerViews } from './views/ledger.js';

/** What the routes work with; put together by the composition root. */
export interface ApiContext {
  readonly info: InstanceInfo;
  readonly flows: FlowService;
  /** A flow as people write it, with the names of the ports there are. */
  textOf(flow: InstalledFlow): FlowText;
  textOfGroup(group: Group): GroupText;
  readonly ports: PortService;
  tenants(): readonly TenantView[];
  tables(): readonly TableView[];
  /** What each was compiled to, by tenant and table. */
  tableDetails(): Promise<readonly TableDetail[]>;
  /** What the parser reads, and why. */
  parser(): Promise<ParserView>;
  /** What the installed program does with an imagined packet. */
  trace(request: TraceRequest): Promise<TraceView>;
  readonly conntrack: ConntrackService;
  readonly shares: Pick<Shares, 'list' | 'change'>;
  usage(): UsageReport;
  /** Undefined where the config keeps no ledger. */
  readonly billing: Billing | undefined;
  readonly ledger: LedgerViews;
  readonly plugins: PluginService;
  readonly metrics: Metrics;
  readonly events: EventHub;
}

/** The face of flow/flow-table.ts that the API shows. */
export interface FlowService {
  /** Of the last applied transaction. */
  readonly generation: Generation;
  list(owner?: Owner): readonly InstalledFlow[];
  /** The owner that a tenant is, where there is one of this name. */
  tenant(name: string): Owner | undefined;
  get(id: FlowId): InstalledFlow | undefined;
  stats(ids: readonly FlowId[]): FlowStats[];
  readonly groups: StockService<Group, RuleCounters>;
  readonly meters: StockService<Meter, MeterCounters>;
  /** Flows that the body of a transaction of the operator adds, where it does nothing else. */
  scan(body: Buffer): ScannedAdds | undefined;
  transact(owner: Owner, operations: readonly FlowOperation[] | ScannedAdds, ifMatch?: Generation): Promise<FlowResultView>;
  replace(owner: Owner, set: FlowSet, ifMatch?: Generation): Promise<FlowResultView>;
  policy(): readonly PolicyEntry[];
  setPolicy(entries: readonly PolicyEntry[], ifMatch?: Generation): Promise<FlowResultView>;
}

export type StockService<T, C extends { readonly [K in keyof C]: bigint }> = Pick<Stock<T, C>, 'of' | 'list' | 'counters'>;

export interface InstanceInfo {
  readonly name: string;
  readonly version: string;
  readonly dpdkVersion: string;
  readonly hugepages: boolean;
  readonly tscHz: bigint;
  readonly startedAt: Date;
}

export type ApiInstance = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;
