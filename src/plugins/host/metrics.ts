import type { PluginMetrics } from '../sdk/context.js';
import { PluginError } from '../sdk/errors.js';
import { maxMetrics, metricPattern, type PluginTally } from '../wire/messages.js';

type Kind = 'counter' | 'gauge';

/** A plugin's own numbers, read once a heartbeat. */
export class Metrics implements PluginMetrics {
  readonly #values = new Map<string, { readonly kind: Kind; value: number }>();

  counter(name: string): { add(by?: number): void } {
    const series = this.#series(name, 'counter');
    return {
      add(by = 1) {
        if (by >= 0) series.value += by;
      },
    };
  }

  gauge(name: string): { set(value: number): void } {
    const series = this.#series(name, 'gauge');
    return {
      set(value) {
        if (Number.isFinite(value)) series.value = value;
      },
    };
  }

  values(): PluginTally['metrics'] {
    return Array.from(this.#values, ([name, { kind, value }]) => ({ name, kind, value }));
  }

  #series(name: string, kind: Kind): { value: number } {
    const found = this.#values.get(name);
    if (found?.kind === kind) return found;
    const why = !new RegExp(metricPattern).test(name)
      ? `${name} is no name of a metric: use 1 to 48 lower-case letters, digits and _`
      : found
        ? `${name} is a ${found.kind}`
        : this.#values.size >= maxMetrics
          ? `a plugin has at most ${maxMetrics} metrics`
          : undefined;
    if (why !== undefined) throw new PluginError('PLUGIN_INVALID', why);
    const series = { kind, value: 0 };
    this.#values.set(name, series);
    return series;
  }
}
