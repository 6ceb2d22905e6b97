import type { Static, TObject } from 'typebox';
import type { PluginContext } from './context.js';
import type { PluginHeader } from './headers.js';

/** What a tenant's switch is to do beside its flows. */
export interface PluginDefinition<Options extends TObject = TObject> {
  /** What it is called where the config gives it no other name. */
  readonly name: string;
  /** `MAJOR.MINOR.PATCH` of its own. */
  readonly version: string;
  readonly description?: string;
  /** The versions of mts-vswitch that it works with, for example `^0.1.0` or `>=0.1.0 <0.3.0`; any where left out. */
  readonly compatible?: string;
  /** What its matches and actions look at; a rule that looks at more is refused. The parser reads what the rules in place need. */
  readonly headers: readonly PluginHeader[];
  /** Schema of `ctx.options`; defaults are filled in. No options where left out. */
  readonly options?: Options;
  /** What becomes of its rules while it does not run because it failed: `withdraw` where left out. The config may say otherwise. */
  readonly onFailure?: OnFailure;
  /** Registers all that the plugin does. A setup that throws is a plugin that failed. */
  setup(ctx: PluginContext<Static<Options>>): void | Promise<void>;
}

/** `withdraw`: packets go on as if there were no such plugin. `keep`: rules stay, and what they punt is dropped. */
export type OnFailure = 'withdraw' | 'keep';

/** A definition of which the type of the options is no longer known. */
export interface Plugin extends Omit<PluginDefinition, 'setup'> {
  setup(ctx: PluginContext): void | Promise<void>;
}

/** Gives a plugin its types; what it says is checked when it is loaded. */
export const definePlugin = <Options extends TObject = TObject>(definition: PluginDefinition<Options>): Plugin => definition;
