import type { PluginLogView } from '../api/schemas/plugins.js';

/** Where a tenant's plugins are, or one of them. */
export const pluginPath = (tenant: string, plugin?: string): string =>
  `/v1/tenants/${encodeURIComponent(tenant)}/plugins${plugin === undefined ? '' : `/${encodeURIComponent(plugin)}`}`;

/** A line of a plugin's log. */
export const lineText = ({ at, level, message, fields }: PluginLogView['lines'][number]): string =>
  `${at} ${level.padEnd(5)} ${message}${fields ? ` ${JSON.stringify(fields)}` : ''}`;
