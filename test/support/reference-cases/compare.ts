import type { ProbeResult } from '../../../src/switch/types.js';

/** A packet's fate in a form in which both can be compared: what differs in any line is a difference. */
export interface Fate {
  /** Port and bytes, in their order. */
  readonly out: readonly string[];
  /** By table: the rule, what the packet had become, and what goes with it. */
  readonly steps: readonly string[];
  /** As often as each came up. */
  readonly drops: readonly string[];
}

/** What goes with a packet. */
const carriedFields = ['metadata', 'tunnel_id', 'ct_state', 'ct_zone', 'ct_mark'] as const;

export const fateOf = ({ out, steps, drops }: ProbeResult, nameOf: (rule: number | undefined) => string): Fate => ({
  out: out.map(({ port, bytes }) => `p${port} ${hex(bytes)}`),
  steps: steps.map(({ table, rule, fields, bytes }) => {
    const carried = carriedFields.map((name) => `${name} ${fields.get(name) ?? 0n}`).join(' ');
    return `table ${table} rule ${nameOf(rule)} ${carried} packet ${hex(bytes)}`;
  }),
  drops: [...drops].sort(),
});

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

export const sameFate = (a: Fate, b: Fate): boolean =>
  (['out', 'steps', 'drops'] as const).every((part) => a[part].join('\n') === b[part].join('\n'));
