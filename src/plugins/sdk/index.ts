/** The package's public face for plugins: `mts-vswitch/plugin`. */
export { Type } from 'typebox';
export type { Static } from 'typebox';
export { definePlugin, type OnFailure, type Plugin, type PluginDefinition } from './define.js';
export type {
  Json,
  PluginContext,
  PluginLog,
  PluginMetrics,
  PluginStore,
  PluginTimers,
  RouteAnswer,
  RouteHandler,
  RouteMethod,
  RouteRequest,
} from './context.js';
export { PluginError, type PluginErrorCode } from './errors.js';
export type { LimitName, PluginEvent, PluginEventType } from './events.js';
export type { PluginHeader } from './headers.js';
export type { EmitTarget, HeldPacket, Packet, PacketBatch, PacketHandler } from './packets.js';
export { defaultRulePriority, maxRulePriority } from './rules.js';
export type { PluginRules, Rule, RuleAction, RuleCounter, RuleResult, RuleStock } from './rules.js';
export type { PluginPort, PluginTopology, PluginVm } from './topology.js';
