import type { SwitchEvent } from '../model/event.js';
import type { Topology } from '../model/topology.js';
import type { PluginEvent } from './sdk/events.js';

/** What the plugins of a tenant hear of an event: of its own ports, of uplinks, and of its limits. */
export function eventsFor(event: SwitchEvent, tenant: string, { portByName }: Topology): readonly PluginEvent[] {
  const concerns = (port: string): boolean => {
    const role = portByName.get(port)?.role;
    return role?.kind === 'uplink' || role?.tenant === tenant;
  };
  switch (event.type) {
    case 'port_added':
    case 'port_removed':
      return concerns(event.port) ? [{ type: event.type, port: event.port }] : [];
    case 'port_link': {
      const { port, link } = event;
      return concerns(port) ? [{ type: 'port_link', port, up: link.up, speedMbps: link.speedMbps }] : [];
    }
    case 'conntrack_cap':
      return event.tenant === tenant ? [{ type: 'limit', limit: 'conntrack', count: Number(event.count) }] : [];
    case 'nat_exhausted':
      return event.tenant === tenant ? [{ type: 'limit', limit: 'nat', count: Number(event.count) }] : [];
    default:
      return [];
  }
}
