import { Type, type TSchema } from 'typebox';
import { VswitchError, type ErrorCode } from '../../model/errors.js';
import { operator, type Owner } from '../../model/ids.js';
import type { ApiContext, ApiInstance } from '../context.js';
import { etagOf } from '../if-match.js';
import { answers, strict } from '../schemas/common.js';
import { NoParams, OwnerQuery, TenantParams } from '../schemas/params.js';
import { GroupListSchema, GroupViewSchema, MeterListSchema, MeterViewSchema } from '../schemas/stock.js';
import { groupViews, meterViews } from '../views/stock.js';
import { tenantOf } from '../views/tenants.js';

/** What the routes of groups and those of meters differ in. */
interface Resource {
  readonly kind: 'group' | 'meter';
  readonly notFound: ErrorCode;
  readonly list: TSchema;
  readonly one: TSchema;
  /** Those of an owner, or of all; of them only the one with the id, where it is given. */
  views(owner: Owner | undefined, id?: number): readonly unknown[];
}

const id = Type.String({ pattern: '^[0-9]{1,10}$' });
const IdParams = Type.Object({ id }, strict);
const TenantIdParams = Type.Object({ ...TenantParams.properties, id }, strict);

/** Groups and meters, as lists and one by one; PUT and PATCH of the flows change them. */
export function stockRoutes(app: ApiInstance, context: ApiContext): void {
  const { flows } = context;
  resourceRoutes(app, context, {
    kind: 'group',
    notFound: 'GROUP_NOT_FOUND',
    list: GroupListSchema,
    one: GroupViewSchema,
    views: (owner, one) => groupViews(context, chosen(flows.groups.list(owner), one)),
  });
  resourceRoutes(app, context, {
    kind: 'meter',
    notFound: 'METER_NOT_FOUND',
    list: MeterListSchema,
    one: MeterViewSchema,
    views: (owner, one) => meterViews(context, chosen(flows.meters.list(owner), one)),
  });
}

const chosen = <T extends { readonly id: number }>(list: readonly T[], one: number | undefined): readonly T[] =>
  one === undefined ? list : list.filter(({ id: own }) => own === one);

function resourceRoutes(app: ApiInstance, context: ApiContext, resource: Resource): void {
  const { flows } = context;
  const { kind, list, one, views } = resource;
  const tags = ['flows'];
  const name = kind === 'group' ? 'Group' : 'Meter';
  const listOf = (owner: Owner | undefined): object => ({ generation: flows.generation, [`${kind}s`]: views(owner) });
  app.get(
    `/v1/${kind}s`,
    {
      schema: {
        operationId: `list${name}s`,
        tags,
        summary: `The operator's ${kind}s and their counters, or everybody's`,
        params: NoParams,
        querystring: OwnerQuery,
        response: answers(list),
      },
    },
    async (request, reply) => {
      reply.header('etag', etagOf(flows.generation));
      return listOf(request.query.owner === 'all' ? undefined : operator);
    },
  );
  app.get(
    `/v1/${kind}s/:id`,
    {
      schema: {
        operationId: `get${name}`,
        tags,
        summary: `One ${kind} of the operator's`,
        params: IdParams,
        response: answers(one),
      },
    },
    async ({ params }, reply) => {
      reply.header('etag', etagOf(flows.generation));
      return found(resource, operator, params.id);
    },
  );
  app.get(
    `/v1/tenants/:tenant/${kind}s`,
    {
      schema: {
        operationId: `listTenant${name}s`,
        tags,
        summary: `A tenant's ${kind}s`,
        params: TenantParams,
        response: answers(list),
      },
    },
    async ({ params }, reply) => {
      reply.header('etag', etagOf(flows.generation));
      return listOf(tenantOf(context, params.tenant));
    },
  );
  app.get(
    `/v1/tenants/:tenant/${kind}s/:id`,
    {
      schema: {
        operationId: `getTenant${name}`,
        tags,
        summary: `One ${kind} of a tenant's`,
        params: TenantIdParams,
        response: answers(one),
      },
    },
    async ({ params }, reply) => {
      reply.header('etag', etagOf(flows.generation));
      return found(resource, tenantOf(context, params.tenant), params.id);
    },
  );
}

function found({ kind, notFound, views }: Resource, owner: Owner, written: string): unknown {
  const [view] = views(owner, Number(written));
  if (view !== undefined) return view;
  const message = `there is no ${kind} ${written}`;
  const remedy = `GET /v1/${kind}s?owner=all lists all`;
  throw new VswitchError(notFound, message, [{ pointer: '/params/id', value: written, message, remedy }]);
}
