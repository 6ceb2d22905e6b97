import type { FlowSet } from '../../../src/model/flow.js';
import type { Fate } from './compare.js';
import type { Difference } from './play.js';

/** A difference so that it can be seen by hand: `vswitch replay --flows flows.json packets.jsonl`. */
export function reportOf({ what, transactions, packet, native, reference }: Difference, installed: FlowSet): string {
  const fates = native && reference ? [...linesOf('native', native), ...linesOf('reference', reference)] : [];
  return [
    what,
    'transactions:',
    ...transactions.map((transaction) => `  ${JSON.stringify(transaction)}`),
    'flows.json:',
    `  ${JSON.stringify(installed)}`,
    ...(packet ? ['packets.jsonl:', `  ${JSON.stringify(packet)}`] : []),
    ...fates,
  ].join('\n');
}

const linesOf = (who: string, { out, steps, drops }: Fate): string[] => [
  `${who}:`,
  ...steps.map((step) => `  ${shortened(step)}`),
  ...out.map((output) => `  out ${shortened(output)}`),
  `  drops ${drops.join(', ') || 'none'}`,
];

/** Without most of a payload. */
const shortened = (line: string): string => (line.length > 600 ? `${line.slice(0, 560)}... ${line.slice(-30)}` : line);
