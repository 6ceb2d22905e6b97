import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { UsageReport } from '../accounting/report.js';
import type { PolicyEntry } from '../config/schema.js';
import type { FlowCounters, FlowOperation, FlowText, InstalledFlow } from '../model/flow.js';
import type { FlowId, Generation, Owner } from '../model/ids.js';
import type { Metrics } from '../metrics/registry.js';
import type { PortService } from '../ports/port-service.js';
import type { EventHub } from './events.js';
import type { FlowResultView } from './schemas/flows.js';
import type { TableView, TenantView } from './schemas/tenants.js';

/** What the routes work with; put together by the composition root. */
export interface ApiContext {
  readonly info: InstanceInfo;
  readonly flows: FlowService;
  /** A flow as people write it, with the names of the ports there are. */
  textOf(flow: InstalledFlow): FlowText;
  readonly ports: PortService;
  tenants(): readonly TenantView[];
  tables(): readonly TableView[];
  usage(): UsageReport;
  readonly metrics: Metrics;
  readonly events: EventHub;
}

/** The face of flow/flow-table.ts that the API shows. */
export interface FlowService {
  /** Of the last applied transaction. */
  readonly generation: Generation;
  list(owner?: Owner): readonly InstalledFlow[];
  get(id: FlowId): InstalledFlow | undefined;
  counters(ids: readonly FlowId[]): FlowCounters[];
  transact(owner: Owner, operations: readonly FlowOperation[], ifMatch?: Generation): Promise<FlowResultView>;
  replace(owner: Owner, flows: readonly FlowText[], ifMatch?: Generation): Promise<FlowResultView>;
  policy(): readonly PolicyEntry[];
  setPolicy(entries: readonly PolicyEntry[], ifMatch?: Generation): Promise<FlowResultView>;
}

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
