import type { LedgerView, RecordsView } from '../../api/schemas/ledger.js';
import type { Wire } from '../../api/schemas/usage.js';
import type { VerifyReport } from '../../ledger/verify.js';
import { si, table } from '../table.js';

type Records = Wire<RecordsView>;
type Record_ = Records['records'][number];

const numbers = ['SEQ', 's', 'RX packets', 'RX bytes', 'TX packets', 'cycles', 'drops'];

/** Records, a line each. */
export function recordsText({ records, cursor }: Records): string {
  const rows = records.map((record) => [
    String(record.sequence),
    record.from,
    (record.durationMs / 1000).toFixed(1),
    record.tenant ?? `(${record.kind})`,
    ...['rx_packets', 'rx_bytes', 'tx_packets'].map((name) => String(record.counters[name] ?? 0)),
    String(sumOf(record, 'cycles_')),
    String(sumOf(record, 'drop_')),
    record.flags.join(' '),
  ]);
  const text = table(
    ['SEQ', 'FROM', 's', 'TENANT', 'RX packets', 'RX bytes', 'TX packets', 'cycles', 'drops', 'flags'],
    rows,
    numbers,
  );
  return cursor === null ? text : `${text}\nmore: --cursor ${cursor}`;
}

const sumOf = ({ counters }: Record_, prefix: string): number =>
  Object.entries(counters).reduce((sum, [name, value]) => (name.startsWith(prefix) ? sum + value : sum), 0);

/** Where the ledger stands, and what is wrong with it. */
export function ledgerText({ path, position, pendingMs, fault, failures, clockJumps }: Wire<LedgerView>): string {
  const told = Object.entries(failures).map(([name, count]) => `${name} ${count}`);
  return [
    `file:    ${path}`,
    `head:    ${position?.head ?? 'none'}`,
    `until:   ${position?.to ?? 'no interval yet'}, ${(pendingMs / 1000).toFixed(1)} s ago`,
    `size:    ${si(position?.bytes ?? 0)}B`,
    ...(fault ? [`fault:   ${fault.fault}: ${fault.message}`, `         ${fault.remedy}`] : []),
    ...(told.length > 0 ? [`failed:  ${told.join(', ')}`] : []),
    ...(clockJumps > 0 ? [`clock:   jumped ${clockJumps} times`] : []),
  ].join('\n');
}

export function verifyText(path: string, report: VerifyReport): string {
  const { records, dropped, head, headFound, findings, first, last } = report;
  const period = first && last ? `, ${new Date(first.fromMs).toISOString()} to ${new Date(last.toMs).toISOString()}` : '';
  const kept = `${records} records${period}${dropped > 0 ? `; ${dropped} were dropped after their roll-up` : ''}`;
  if (findings.length > 0)
    return [
      `${path}: NOT as it was written`,
      kept,
      ...findings.map(({ sequence, message }) => `  record ${sequence}: ${message}`),
    ].join('\n');
  return [
    `${path}: nothing was changed or removed`,
    kept,
    `head: ${head ?? 'none'}`,
    headFound === true
      ? 'the head that was noted down is in it'
      : 'whether records were cut off at the end only a head shows that was noted down before: --head',
  ].join('\n');
}
