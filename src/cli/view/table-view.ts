import type { TableDetail } from '../../api/schemas/tenants.js';
import type { Wire } from '../../api/schemas/usage.js';
import { table } from '../table.js';

/** Why a table is what it is; native/table/store.h decides it. */
const reasons: Readonly<Record<string, string>> = {
  empty: 'no packet can match its rules',
  direct: 'its rules match no field, or in_port alone: an array by port',
  linear: 'its rules are so few that comparing each with every packet is the cheapest',
  exact: 'its rules have one mask: one hash table, in which a rule is a cell',
  sub_tables: 'its rules have several masks: a hash table for each, strongest first',
  lpm: 'many of its rules are prefixes of which longer ones are stronger: slots by address, and hash tables for the others',
  merged: 'it has port ranges, or more masks than limits.masksPerTable: hash tables that rules of several masks share',
};

const kibibytes = (bytes: number): string => `${Math.ceil(bytes / 1024)} KiB`;

/** For people: what it is, why, what it costs, and its sub-tables. */
export function explainTable(detail: Wire<TableDetail>): string {
  const { tenant, table: number, rules, masks, template, memoryBytes, maxProbes, bytesPerRule, parts } = detail;
  const { memoryLimitBytes, lookups, cyclesPerLookup, rates } = detail;
  const lines = [
    `table ${number} of ${tenant === null ? 'packets of no tenant' : `tenant ${tenant}`}: ${template}`,
    `  ${reasons[template] ?? 'unknown to this program'}`,
    `  ${rules} rules of ${masks} masks, ${bytesPerRule} bytes a rule with its program and counters`,
    `  ${kibibytes(memoryBytes)} of memory, of at most ${kibibytes(memoryLimitBytes)}`,
    `  a look-up compares at most ${maxProbes} cells and rules, whatever the packet`,
    `  measured: ${cyclesPerLookup.toFixed(0)} cycles a look-up over ${lookups}, ${rates.cyclesPerLookup.toFixed(0)} of late`,
  ];
  if (parts.length === 0) return lines.join('\n');
  const rows = parts.map((part, i) => [String(i + 1), part.template, kibibytes(part.memoryBytes), String(part.maxProbes)]);
  return `${lines.join('\n')}\n${table(['#', 'SUB-TABLE', 'memory', 'at most'], rows, ['#', 'memory', 'at most'])}`;
}
