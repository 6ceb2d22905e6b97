import type { Tariff } from '../model/tariff.js';
import type { BillingSource } from '../pricing/billing.js';
import { sha256 } from '../pricing/canonical.js';
import { tariffAt, type RecordedBook } from '../pricing/in-force.js';
import { bookOf, bookText, type Priced } from '../pricing/tariff.js';
import { billingSource, type AskLedger } from './bill-source.js';
import type { TariffRow } from './tariff-chain.js';

/**
 * The tariffs that a running switch works by: those that its ledger has, of which the config's are the last. A ledger that was begun anew
 * meanwhile is given them again.
 */
export class Tariffs {
  readonly #row: TariffRow | undefined;
  readonly #ask: AskLedger | undefined;
  #books: readonly RecordedBook[];

  /**
   * @param ask undefined: the config keeps no ledger.
   * @param atMs when the switch started.
   */
  constructor(config: Priced, ask: AskLedger | undefined, atMs: number) {
    const text = bookText(config);
    this.#row = text === undefined ? undefined : { sinceMs: atMs, hash: sha256(text), text };
    this.#ask = ask;
    this.#books = text === undefined ? [] : [{ sinceMs: atMs, book: bookOf(text) }];
  }

  /** As they were known when they were last read; undefined where the config has no prices. */
  at(tenant: string, atMs: number): Tariff | undefined {
    return this.#row && tariffAt(tenant, atMs, this.#books);
  }

  /** Puts the config's into the ledger, where they are not its last, and reads all. @throws VswitchError LEDGER_UNREADABLE */
  async read(): Promise<readonly RecordedBook[]> {
    if (!this.#ask) return this.#books;
    await this.#record(this.#ask);
    return this.#readFrom(billingSource(this.#ask));
  }

  /** Undefined where the config keeps no ledger. */
  get source(): BillingSource | undefined {
    const ask = this.#ask;
    if (!ask) return undefined;
    const source = billingSource(ask);
    const books = async (): Promise<readonly RecordedBook[]> => {
      // A ledger that cannot be written now tells so by itself, and can be read nevertheless.
      await this.#record(ask).catch(() => undefined);
      return this.#readFrom(source);
    };
    return { ...source, books };
  }

  async #record(ask: AskLedger): Promise<void> {
    if (this.#row) await ask({ ask: 'recordTariffs', ...this.#row });
  }

  async #readFrom(source: BillingSource): Promise<readonly RecordedBook[]> {
    const read = await source.books();
    if (read.length > 0) this.#books = read;
    return read;
  }
}
