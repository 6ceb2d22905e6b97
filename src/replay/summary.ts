import type { DropReason } from '../model/drop.js';
import type { InstalledFlow } from '../model/flow.js';
import { dropOf, type Names } from './answer.js';
import type { Replayed } from './run.js';

interface PortSummary {
  in: number;
  out: number;
}

/** What a replay came to, as `summary.json` has it. */
export interface Summary {
  readonly packets: number;
  /** Packets by port. */
  readonly ports: Readonly<Record<string, PortSummary>>;
  /** Packets that went nowhere, by the reason of the last loss. */
  readonly drops: Readonly<Partial<Record<DropReason, number>>>;
  /** Flows that any packet met. */
  readonly flows: readonly { readonly flow: unknown; readonly packets: number }[];
}

/** Counts while packets are replayed; memory goes by ports and flows, not by packets. */
export class Tally {
  readonly #names: Names;
  readonly #ports = new Map<string, PortSummary>();
  readonly #drops = new Map<DropReason, number>();
  readonly #flows = new Map<InstalledFlow, number>();
  #packets = 0;

  constructor(names: Names, ports: readonly string[]) {
    this.#names = names;
    for (const port of ports) this.#ports.set(port, { in: 0, out: 0 });
  }

  add({ packet, result }: Replayed): void {
    ++this.#packets;
    this.#port(packet.inPort).in++;
    for (const { port } of result.out) this.#port(port).out++;
    const drop = dropOf(result);
    if (drop) this.#drops.set(drop, (this.#drops.get(drop) ?? 0) + 1);
    for (const { rule } of result.steps) {
      const flow = rule === undefined ? undefined : this.#names.flow(rule);
      if (flow) this.#flows.set(flow, (this.#flows.get(flow) ?? 0) + 1);
    }
  }

  summary(textOf: (flow: InstalledFlow) => unknown): Summary {
    return {
      packets: this.#packets,
      ports: Object.fromEntries(this.#ports),
      drops: Object.fromEntries(this.#drops),
      flows: [...this.#flows].map(([flow, packets]) => ({ flow: textOf(flow), packets })),
    };
  }

  #port(number: Replayed['packet']['inPort']): PortSummary {
    const name = String(this.#names.port(number));
    const found = this.#ports.get(name) ?? { in: 0, out: 0 };
    this.#ports.set(name, found);
    return found;
  }
}
