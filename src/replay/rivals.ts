import { fits } from '../flow/select.js';
import { formatField } from '../flow/syntax/value.js';
import type { Topology } from '../flow/topology.js';
import { rankOf, type InstalledFlow } from '../model/flow.js';
import type { FieldMatch, FieldName } from '../model/match.js';
import { valueText, type Fields, type Value } from './traced-fields.js';

/** What trace needs to know of the switch's flows. */
export interface TracedFlows {
  readonly topology: Topology;
  /** All of them, by table and falling rank. */
  list(): readonly InstalledFlow[];
  ofRule(rule: number): InstalledFlow | undefined;
}

/** Why it was this flow of a table and no other. */
export interface Rivals {
  /** Stronger flows that do not match, those first that nearly do. */
  readonly passedOver: readonly PassedOver[];
  /** How many more of these there are. */
  readonly unlisted: number;
  /** Flows that match too, the strongest first, but are not stronger. */
  readonly outranked: readonly InstalledFlow[];
}

/** A flow, and the first field in which the packet is not as it asks. */
export interface PassedOver {
  readonly flow: InstalledFlow;
  readonly field: FieldName;
  readonly wants: Value;
  /** Null where the packet has no such field. */
  readonly found: Value | null;
}

export interface LookUp {
  readonly table: number;
  readonly hit: InstalledFlow | null;
  readonly asked: Fields;
  readonly tenant: string | null;
}

/** As many as are told of each kind. */
const told = 5;

/** The flows of a look-up's table beside the one that it found. */
export function rivalsOf({ table, hit, asked, tenant }: LookUp, flows: TracedFlows): Rivals {
  const others = flows.list().filter((flow) => flow.table === table && flow.id !== hit?.id && concerns(flow, tenant));
  const least = hit ? rankOfFlow(hit) : 0;
  // Of those that differ as much: the next above the hit, and the strongest where nothing was hit.
  const nearer = hit ? 1 : -1;
  const stronger = others
    .filter((flow) => rankOfFlow(flow) >= least)
    .map((flow) => ({ flow, differing: differing(flow, asked) }))
    .filter(({ differing: fields }) => fields.length > 0)
    .sort((a, b) => a.differing.length - b.differing.length || nearer * (rankOfFlow(a.flow) - rankOfFlow(b.flow)));
  return {
    passedOver: stronger.slice(0, told).flatMap(({ flow, differing: [first] }) => {
      if (!first) return [];
      const [field, wanted] = first;
      const found = asked.get(field);
      return [
        {
          flow,
          field,
          wants: formatField(field, wanted, flows.topology),
          found: found === undefined ? null : valueText(field, found, flows.topology),
        },
      ];
    }),
    unlisted: Math.max(0, stronger.length - told),
    outranked: hit
      ? others.filter((flow) => rankOfFlow(flow) <= least && differing(flow, asked).length === 0).slice(0, told)
      : [],
  };
}

const rankOfFlow = ({ band, priority }: InstalledFlow): number => rankOf(band, priority);

/** A tenant's packets meet its own flows and the operator's. */
const concerns = ({ owner }: InstalledFlow, tenant: string | null): boolean =>
  owner.kind === 'operator' || owner.tenant === tenant;

const differing = ({ match }: InstalledFlow, asked: Fields): [FieldName, FieldMatch][] =>
  [...match].filter(([name, wanted]) => !fits(asked.get(name), wanted));
