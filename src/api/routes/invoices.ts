import { Type } from 'typebox';
import { candidateOf } from '../../accounting/candidates.js';
import { nameSchema } from '../../config/schema.js';
import { VswitchError } from '../../model/errors.js';
import type { Billing } from '../../pricing/billing.js';
import { canonicalJson } from '../../pricing/canonical.js';
import type { ApiContext, ApiInstance } from '../context.js';
import { answers, strict } from '../schemas/common.js';
import { InvoiceQuery, InvoiceSchema, SimulationBody, SimulationSchema } from '../schemas/invoice.js';

const Params = Type.Object({ tenant: nameSchema }, strict);
const tags = ['usage'];

/** What recorded usage costs, in canonical JSON: the same bytes from every machine that has the ledger. */
export function invoiceRoutes(app: ApiInstance, context: ApiContext): void {
  app.get(
    '/v1/tenants/:tenant/invoice',
    {
      schema: {
        operationId: 'invoice',
        tags,
        summary: 'What a tenant’s use of a period costs, by the tariffs that were in force',
        params: Params,
        querystring: InvoiceQuery,
        response: answers(InvoiceSchema),
      },
    },
    async ({ params, query }, reply) => {
      const invoice = await billingOf(context).invoice(params.tenant, query.period);
      return reply.type('application/json').send(canonicalJson(invoice));
    },
  );
  app.post(
    '/v1/price/simulate',
    {
      schema: {
        operationId: 'simulatePrice',
        tags,
        summary: 'What recorded usage would have cost under other tariffs',
        body: SimulationBody,
        response: answers(SimulationSchema),
      },
    },
    async ({ body: { period, tariffs, tenants } }, reply) => {
      const candidates = tariffs.map((candidate, i) => candidateOf(candidate, `/tariffs/${i}`));
      const simulation = await billingOf(context).simulate(period, candidates, tenants);
      return reply.type('application/json').send(canonicalJson(simulation));
    },
  );
}

function billingOf({ billing }: ApiContext): Billing {
  if (billing) return billing;
  const message = 'this switch keeps no ledger';
  const remedy = 'leave accounting.ledger out, or give it a path';
  throw new VswitchError('NOT_FOUND', message, [{ pointer: '', message, remedy }]);
}
