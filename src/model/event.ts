import type { Generation, PortName } from './ids.js';
import type { PortLink } from './port.js';

/** What the switch tells those who listen. `lost` says how many events a slow listener missed. */
export type SwitchEvent =
  | { readonly type: 'flows'; readonly generation: Generation }
  | { readonly type: 'port_added'; readonly port: PortName }
  | { readonly type: 'port_removed'; readonly port: PortName }
  | { readonly type: 'port_link'; readonly port: PortName; readonly link: PortLink }
  | { readonly type: 'lost'; readonly count: number };
