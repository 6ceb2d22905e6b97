import type { FlowOperation } from '../model/flow.js';
import { operator, type Owner } from '../model/ids.js';
import type { OwnedFlow } from './rules.js';
import { FlowScanner, type FlowParts } from './syntax/flow-scan.js';
import type { Topology } from './topology.js';

/** A transaction of the operator that only adds flows, read without its text being made into objects: there may be 100,000. */
export class ScannedAdds {
  readonly flows: readonly OwnedFlow[];
  readonly #topology: Topology;
  readonly #body: Buffer;

  constructor(flows: readonly OwnedFlow[], topology: Topology, body: Buffer) {
    this.flows = flows;
    this.#topology = topology;
    this.#body = body;
  }

  /** Whether the flows mean the same to who has these ports. */
  isFor({ owner, topology }: { readonly owner: Owner; readonly topology: Topology }): boolean {
    return owner === operator && topology === this.#topology;
  }

  /** As they were written. */
  texts(): readonly FlowOperation[] {
    return (JSON.parse(this.#body.toString()) as { operations: readonly FlowOperation[] }).operations;
  }
}

/** Undefined where the body is anything else, or has a fault (a punt, which is for plugins, is one); JSON.parse and the schema say which. */
export function scanAdds(body: Buffer, topology: Topology): ScannedAdds | undefined {
  const flows = new FlowScanner(body, topology).adds(owned);
  const isRefused = flows?.some(({ actions }) => actions.some(({ type }) => type === 'punt'));
  return flows && isRefused !== true ? new ScannedAdds(flows, topology, body) : undefined;
}

/** Written out, not spread: there are many. */
const owned = ({ table, priority, match, actions, cookie, idleTimeout, hardTimeout }: FlowParts): OwnedFlow => ({
  table,
  priority,
  match,
  actions,
  cookie,
  idleTimeout,
  hardTimeout,
  owner: operator,
  band: 'operator',
});
