import type { Generation } from '../model/ids.js';
import type { PortLink } from '../model/port.js';
import type { CounterSnapshot } from '../model/usage.js';

/** Where the metrics are pulled from, at scrape. Labels are bounded: by the config's tenants and ports, and by lists of the model. */
export interface MetricsSource {
  snapshot(): CounterSnapshot;
  /** Names by slot; slot 0 is the uplink. */
  tenants(): readonly { readonly slot: number; readonly name: string }[];
  ports(): readonly { readonly number: number; readonly name: string; readonly link: PortLink | undefined }[];
  flows(): { readonly generation: Generation; readonly byOwner: ReadonlyMap<string, number> };
  readonly version: string;
  readonly dpdkVersion: string;
}

/** The label of packets that belong to no tenant; no tenant can have this name. */
export const uplinkLabel = '(uplink)';
