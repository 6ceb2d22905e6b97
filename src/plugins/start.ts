import { closeSync } from 'node:fs';
import type { Logger } from 'pino';
import type { VswitchConfig } from '../config/schema.js';
import type { SwitchEvent } from '../model/event.js';
import type { DataPlane } from '../switch/types.js';
import { PluginService } from './service.js';
import type { RuleFlows } from './supervisor/rule-desk.js';

/** Who hears of the switch's events. */
export interface EventQueue {
  take(timeoutMs: number): Promise<readonly SwitchEvent[]>;
  readonly ended: boolean;
}

export interface PluginParts {
  readonly dataPlane: Pick<DataPlane, 'openPunt'>;
  readonly flows: RuleFlows;
  readonly events: { publish(event: SwitchEvent): void; subscribe(): EventQueue };
  readonly log: Logger;
  readonly teardown: {
    add(name: string, undo: () => unknown): void;
    every(intervalMs: number, work: () => Promise<unknown>): void;
  };
}

const lookMs = 1000;
const waitMs = 15_000;

/** Starts the plugins of a config's tenants; they end before the flows and the data plane do. */
export async function startPlugins(
  config: VswitchConfig,
  { dataPlane, flows, events, log, teardown }: PluginParts,
): Promise<PluginService> {
  const service = new PluginService(config, {
    flows,
    openPunt: async (slot, options) => {
      const channel = await dataPlane.openPunt(slot, options);
      return {
        fd: channel.fd,
        handedOver: () => closeSync(channel.fd),
        counters: () => channel.counters(),
        close: () => channel.close(),
      };
    },
    publish: (event) => events.publish(event),
    log,
    uid: process.getuid?.() ?? -1,
  });
  if (service.isEmpty) return service;
  teardown.add('plugins', () => service.close());
  teardown.every(lookMs, () => service.look());
  void tell(service, events.subscribe());
  await service.start();
  return service;
}

async function tell(service: PluginService, queue: EventQueue): Promise<void> {
  while (!queue.ended) for (const event of await queue.take(waitMs)) service.hear(event);
}
