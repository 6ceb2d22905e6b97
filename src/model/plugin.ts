/**
 * `disabled`: by the config or by hand. `starting`: its process loads it. `waiting`: it failed, and is started again. `failed`: it is
 * not, since it cannot be loaded or failed too often.
 */
export const pluginStates = ['disabled', 'starting', 'running', 'waiting', 'failed'] as const;
export type PluginState = (typeof pluginStates)[number];
