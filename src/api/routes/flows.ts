import { Type } from 'typebox';
import type { FlowSet } from '../../model/flow.js';
import { VswitchError } from '../../model/errors.js';
import { flowId, operator, type Owner } from '../../model/ids.js';
import type { ApiContext, ApiInstance, FlowService } from '../context.js';
import { scanBodies, scannedIn } from '../scanned-body.js';
import { etagOf, IfMatch, ifMatchOf } from '../if-match.js';
import { underPointer } from '../faults.js';
import { answers, strict } from '../schemas/common.js';
import { FlowListSchema, FlowResultSchema, FlowSetSchema, InstalledFlowSchema, TransactionSchema } from '../schemas/flows.js';
import { flowList, flowViews } from '../views/flows.js';
import { NoParams, OwnerQuery, TenantParams } from '../schemas/params.js';
import { tenantOf } from '../views/tenants.js';

const tags = ['flows'];
const IdParams = Type.Object({ id: Type.String({ pattern: '^[0-9]{1,15}$' }) }, strict);
/** Flows: the operator's under /v1/flows, a tenant's under /v1/tenants/:tenant/flows, any by its id. */
export function flowRoutes(app: ApiInstance, context: ApiContext): void {
  const { flows } = context;
  app.get(
    '/v1/flows',
    {
      schema: {
        operationId: 'listFlows',
        tags,
        summary: "The operator's flows, or everybody's",
        querystring: OwnerQuery,
        response: answers(FlowListSchema),
      },
    },
    async (request, reply) => {
      reply.header('etag', etagOf(flows.generation));
      return flowList(context, flows.list(request.query.owner === 'all' ? undefined : operator));
    },
  );
  app.get(
    '/v1/flows/:id',
    {
      schema: {
        operationId: 'getFlow',
        tags,
        summary: 'One flow and its counters',
        params: IdParams,
        response: answers(InstalledFlowSchema),
      },
    },
    async ({ params }) => {
      const flow = flows.get(flowId(Number(params.id)));
      if (flow) return flowViews(context, [flow])[0];
      const message = `no flow has the id ${params.id}`;
      throw new VswitchError('FLOW_NOT_FOUND', message, [
        { pointer: '/params/id', value: params.id, message, remedy: 'GET /v1/flows?owner=all lists all' },
      ]);
    },
  );
  app.get(
    '/v1/tenants/:tenant/flows',
    {
      schema: {
        operationId: 'listTenantFlows',
        tags,
        summary: "A tenant's flows",
        params: TenantParams,
        response: answers(FlowListSchema),
      },
    },
    async ({ params }, reply) => {
      const owner = tenantOf(context, params.tenant);
      reply.header('etag', etagOf(flows.generation));
      return flowList(context, flows.list(owner));
    },
  );
  changeRoutes(app, context, '/v1/flows', 'Flows', NoParams, () => operator);
  changeRoutes(app, context, '/v1/tenants/:tenant/flows', 'TenantFlows', TenantParams, ({ tenant }) =>
    tenantOf(context, tenant ?? ''),
  );
}

/** The two ways to change an owner's flows: the whole set, or a transaction. */
function changeRoutes(
  app: ApiInstance,
  { flows }: ApiContext,
  path: string,
  name: string,
  params: typeof TenantParams | typeof NoParams,
  ownerOf: (params: { readonly tenant?: string }) => Owner,
): void {
  app.put(
    path,
    {
      schema: {
        operationId: `replace${name}`,
        tags,
        summary: 'Replaces all flows, and all groups and meters where they are given; what stays the same keeps its counters',
        params,
        headers: IfMatch,
        body: FlowSetSchema,
        response: answers(FlowResultSchema),
      },
    },
    async (request, reply) => {
      const owner = ownerOf(request.params);
      const wanted = request.body as FlowSet;
      const ifMatch = ifMatchOf(request.headers['if-match']);
      const result = await underPointer('/flows', () => flows.replace(owner, wanted, ifMatch));
      reply.header('etag', etagOf(result.generation));
      return result;
    },
  );
  app.register(async (scope) => {
    if (path === '/v1/flows') scanBodies(scope, flows);
    patchRoute(scope, flows, path, name, params, ownerOf);
  });
}

function patchRoute(
  app: ApiInstance,
  flows: FlowService,
  path: string,
  name: string,
  params: typeof TenantParams | typeof NoParams,
  ownerOf: (params: { readonly tenant?: string }) => Owner,
): void {
  app.patch(
    path,
    {
      schema: {
        operationId: `change${name}`,
        tags,
        summary: 'Adds, modifies and deletes flows, groups and meters in one transaction: all of it is done, or nothing',
        params,
        headers: IfMatch,
        body: TransactionSchema,
        response: answers(FlowResultSchema),
      },
    },
    async (request, reply) => {
      const owner = ownerOf(request.params);
      const { body } = request;
      const operations = scannedIn(body) ?? body.operations;
      const ifMatch = ifMatchOf(request.headers['if-match']);
      const result = await underPointer('/operations', () => flows.transact(owner, operations, ifMatch));
      reply.header('etag', etagOf(result.generation));
      return result;
    },
  );
}
