import type { LedgerService } from '../../ledger/service.js';
import { VswitchError, type Fault } from '../../model/errors.js';
import { headText, type UsageRecord } from '../../model/usage-record.js';
import type { LedgerView, RecordsText, RecordsView } from '../schemas/ledger.js';

const defaultLimit = 100;
const mostLimit = 10_000;

/** The usage ledger as the API shows it. */
export class LedgerViews {
  readonly #ledger: Pick<LedgerService, 'records' | 'status'> | undefined;

  /** @param ledger undefined where the config keeps none. */
  constructor(ledger: Pick<LedgerService, 'records' | 'status'> | undefined) {
    this.#ledger = ledger;
  }

  async records({ tenant, resolution = 'raw', ...text }: RecordsText): Promise<RecordsView> {
    const faults: Fault[] = [];
    const limit = Number(text.limit ?? defaultLimit);
    if (limit < 1 || limit > mostLimit)
      faults.push(faultAt('limit', text.limit, `is not 1 to ${mostLimit}`, 'ask for several pages'));
    const fromMs = timeOf('from', text.from, faults);
    const toMs = timeOf('to', text.to, faults);
    if (faults.length > 0) throw new VswitchError('REQUEST_INVALID', 'the request has faults', faults);
    const after = Number(text.cursor ?? 0);
    const records = await this.#kept().records({ tenant, resolution, fromMs, toMs, after, limit });
    return { records: records.map(recordView), cursor: records.length < limit ? null : (records.at(-1)?.sequence ?? null) };
  }

  status(): LedgerView {
    const { position, failures, ...status } = this.#kept().status();
    return {
      ...status,
      failures: Object.fromEntries(failures),
      position: position && {
        sequence: position.sequence,
        hash: position.hash,
        head: headText(position),
        to: position.toMs === 0 ? null : new Date(position.toMs).toISOString(),
        bytes: position.bytes,
      },
    };
  }

  #kept(): Pick<LedgerService, 'records' | 'status'> {
    if (this.#ledger) return this.#ledger;
    const message = 'this switch keeps no usage ledger';
    throw new VswitchError('NOT_FOUND', message, [
      {
        pointer: '/accounting/ledger',
        value: false,
        message,
        remedy: 'leave accounting.ledger out of the config, or say where it is',
      },
    ]);
  }
}

function recordView({ fromMs, toMs, flags, ...record }: UsageRecord): RecordsView['records'][number] {
  return { ...record, flags: [...flags], from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}

function timeOf(name: string, text: string | undefined, faults: Fault[]): number | undefined {
  if (text === undefined) return undefined;
  const ms = /^\d{1,15}$/.test(text) ? Number(text) : Date.parse(text);
  if (!Number.isNaN(ms)) return ms;
  faults.push(faultAt(name, text, 'is no time', 'write ISO 8601, for example 2026-03-01T00:00:00Z, or milliseconds since 1970'));
  return undefined;
}

const faultAt = (name: string, value: unknown, message: string, remedy: string): Fault => ({
  pointer: `/query/${name}`,
  value,
  message,
  remedy,
});
