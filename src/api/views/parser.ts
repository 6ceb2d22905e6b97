import type { InstalledFlow } from '../../model/flow.js';
import type { Generation } from '../../model/ids.js';
import type { Topology } from '../../model/topology.js';
import type { ParsedHeader } from '../../switch/types.js';
import type { ParserView } from '../schemas/parser.js';

interface Flows {
  readonly generation: Generation;
  readonly topology: Topology;
  ofRule(id: number): InstalledFlow | undefined;
}

/** The data plane's plan with the names of ports, and flows for their rules. */
export const parserView = (flows: Flows, plan: readonly ParsedHeader[]): ParserView => ({
  generation: flows.generation,
  headers: plan.map(({ port, header, rule }) => ({
    port: flows.topology.portByNumber.get(port)?.name ?? String(port),
    header,
    flow: (rule === undefined ? undefined : flows.ofRule(rule)?.id) ?? null,
  })),
});
