import type { SwaggerOptions } from '@fastify/swagger';
import {
  actionSchema,
  flowIdentitySchema,
  flowSchema,
  groupSchema,
  matchSchema,
  meterSchema,
  policySchema,
  portSchema,
} from '../config/schema.js';
import { ProblemSchema } from './schemas/common.js';
import { CtConnectionSchema } from './schemas/conntrack.js';
import { UsageRecordSchema } from './schemas/ledger.js';
import { FlowResultSchema, InstalledFlowSchema } from './schemas/flows.js';
import { InvoiceSchema, SimulationSchema } from './schemas/invoice.js';
import { flowOperationSchema } from './schemas/operations.js';
import { PortViewSchema } from './schemas/ports.js';
import { GroupViewSchema, MeterViewSchema } from './schemas/stock.js';
import { TenantViewSchema } from './schemas/tenants.js';
import { TraceSchema } from './schemas/trace.js';
import { UsageSchema } from './schemas/usage.js';

/** Schemas that the document names once and refers to; larger ones first, as they hold the others. */
const named = {
  Simulation: SimulationSchema,
  Invoice: InvoiceSchema,
  Usage: UsageSchema,
  UsageRecord: UsageRecordSchema,
  Connection: CtConnectionSchema,
  Trace: TraceSchema,
  Tenant: TenantViewSchema,
  Port: PortViewSchema,
  InstalledFlow: InstalledFlowSchema,
  InstalledGroup: GroupViewSchema,
  InstalledMeter: MeterViewSchema,
  FlowResult: FlowResultSchema,
  FlowOperation: flowOperationSchema,
  Flow: flowSchema,
  FlowIdentity: flowIdentitySchema,
  Group: groupSchema,
  Meter: meterSchema,
  Action: actionSchema,
  Match: matchSchema,
  PortConfig: portSchema,
  PolicyEntry: policySchema,
  Problem: ProblemSchema,
} as const;

export const openapiOptions = (version: string): SwaggerOptions => ({
  openapi: {
    openapi: '3.1.0',
    info: {
      title: 'mts-vswitch',
      version,
      description:
        'The API of one switch instance. Every error is application/problem+json and lists all faults. Integers may be larger than 2^53. ' +
        'ETag and If-Match carry the generation of the flows.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: [
      { name: 'switch', description: 'the instance itself' },
      { name: 'ports', description: 'devices, In/Out VFs and Gw VFs' },
      { name: 'tenants', description: 'tenants, their networks and VMs' },
      { name: 'flows', description: 'matches and actions' },
      { name: 'conntrack', description: 'tracked connections' },
      { name: 'policy', description: 'who may send to whom' },
      { name: 'usage', description: 'packets, cycles, drops and money' },
    ],
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'over TCP only' } } },
  },
  transformObject: (document) => {
    if (!('openapiObject' in document)) return document.swaggerObject;
    return withComponents(document.openapiObject);
  },
});

type Json = { readonly [key: string]: unknown };

/** Replaces each named schema, wherever it stands, by a reference, so that readers and generators see one `Flow`. */
function withComponents(document: Json): Json {
  const written = Object.entries(named).map(([name, schema]) => [name, asWritten(schema)] as const);
  const names = new Map(written.map(([name, schema]) => [JSON.stringify(schema), name]));
  const refer = (value: unknown, self?: string): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((item) => refer(item));
    const name = names.get(JSON.stringify(value));
    if (name !== undefined && name !== self) return { $ref: `#/components/schemas/${name}` };
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, refer(item)]));
  };
  const schemas = Object.fromEntries(written.map(([name, schema]) => [name, refer(schema, name)]));
  const paths = refer(document['paths']);
  return { ...document, components: { ...(document['components'] as Json), schemas }, paths };
}

/** A schema as @fastify/swagger writes it: a constant is an enum of one. */
const asWritten = (schema: object): unknown =>
  JSON.parse(JSON.stringify(schema), (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null || !('const' in value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => (key === 'const' ? ['enum', [item]] : [key, item])));
  });
