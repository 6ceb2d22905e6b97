import { VswitchError } from '../model/errors.js';
import type { TariffBook } from '../model/tariff.js';
import type { UsageSlice } from '../model/usage-record.js';
import type { RecordedBook } from './in-force.js';
import { makeInvoice, timeNeeded, type Invoice, type InvoiceOrigin } from './invoice.js';
import { parsePeriod, periodForms, type Period } from './period.js';

/** Where bills come from: a running switch's ledger, or a ledger file on whatever machine. */
export interface BillingSource {
  /** All that were ever recorded, in the order of their names. */
  tenants(): Promise<readonly string[]>;
  /** Those that begin in the period. */
  slices(tenant: string, period: Period): Promise<Iterable<UsageSlice>>;
  /** In the order in which they were recorded. */
  books(): Promise<readonly RecordedBook[]>;
  /** What the records of a tenant and period are from. */
  origin(tenant: string, period: Period): Promise<InvoiceOrigin>;
}

/** The same usage under several tariffs. */
export interface Simulation {
  readonly period: { readonly from: string; readonly to: string };
  /** Names of the tariffs, in the order of each tenant's invoices. */
  readonly tariffs: readonly string[];
  readonly tenants: readonly {
    readonly tenant: string;
    /** Null where no tariff was in force. */
    readonly invoices: readonly (Invoice | null)[];
  }[];
}

/** A name, and tariffs as if they had always been in force; undefined: those that were. */
export interface Candidate {
  readonly name: string;
  readonly book: TariffBook | undefined;
}

/** Invoices and simulations over a source of usage. */
export class Billing {
  readonly #source: BillingSource;

  constructor(source: BillingSource) {
    this.#source = source;
  }

  /** @throws VswitchError REQUEST_INVALID, TENANT_NOT_FOUND, TARIFF_NOT_FOUND */
  async invoice(tenant: string, period: string): Promise<Invoice> {
    const time = periodOf(period);
    await this.#known([tenant]);
    return (await this.#rated(tenant, time))(await this.#source.books());
  }

  /**
   * @param tenants undefined: all.
   * @throws VswitchError REQUEST_INVALID, TENANT_NOT_FOUND
   */
  async simulate(period: string, candidates: readonly Candidate[], tenants?: readonly string[]): Promise<Simulation> {
    const time = periodOf(period);
    const names = await this.#known(tenants);
    const recorded = await this.#source.books();
    const rows: Simulation['tenants'][number][] = [];
    for (const tenant of names) {
      const rate = await this.#rated(tenant, time);
      const invoices = candidates.map(({ book }) => ifPriced(() => rate(book ? [{ sinceMs: 0, book }] : recorded)));
      rows.push({ tenant, invoices });
    }
    const [from, to] = [new Date(time.fromMs).toISOString(), new Date(time.toMs).toISOString()];
    return { period: { from, to }, tariffs: candidates.map(({ name }) => name), tenants: rows };
  }

  /** What rates a tenant's use of a period; it is read once, however many tariffs there are. */
  async #rated(tenant: string, period: Period): Promise<(books: readonly RecordedBook[]) => Invoice> {
    const slices = [...(await this.#source.slices(tenant, timeNeeded(period)))];
    const origin = await this.#source.origin(tenant, period);
    return (books) => makeInvoice({ tenant, ...period, origin }, slices, books);
  }

  async #known(asked: readonly string[] | undefined): Promise<readonly string[]> {
    const names = await this.#source.tenants();
    const unknown = asked?.find((name) => !names.includes(name));
    if (unknown === undefined) return asked ?? names;
    const message = `the ledger has no tenant ${unknown}`;
    const remedy = names.length === 0 ? 'nothing was recorded yet' : `there is ${names.join(', ')}`;
    throw new VswitchError('TENANT_NOT_FOUND', message, [{ pointer: '', value: unknown, message, remedy }]);
  }
}

function ifPriced(work: () => Invoice): Invoice | null {
  try {
    return work();
  } catch (error) {
    if (error instanceof VswitchError && error.code === 'TARIFF_NOT_FOUND') return null;
    throw error;
  }
}

function periodOf(text: string): Period {
  const period = parsePeriod(text);
  if (period) return period;
  const message = `${text} is no period`;
  throw new VswitchError('REQUEST_INVALID', message, [
    { pointer: '/period', value: text, message, remedy: `give ${periodForms}` },
  ]);
}
