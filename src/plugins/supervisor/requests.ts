import { VswitchError } from '../../model/errors.js';
import type { Json, RouteMethod } from '../sdk/context.js';

export interface PluginRequest {
  readonly method: RouteMethod;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Json | undefined;
}

export interface PluginAnswer {
  readonly status: number;
  readonly body?: unknown;
}

const limitMs = 5000;
const maxOpen = 64;

/** Requests that wait for their plugin's answer. */
export class Requests {
  readonly #open = new Map<
    number,
    { resolve(answer: PluginAnswer): void; reject(error: Error): void; readonly timer: NodeJS.Timeout }
  >();
  #next = 1;

  /** @throws VswitchError PLUGIN_FAILED where it does not answer in time, LIMIT_EXCEEDED where many wait already. */
  ask(send: (id: number) => void): Promise<PluginAnswer> {
    if (this.#open.size >= maxOpen) throw new VswitchError('LIMIT_EXCEEDED', `${maxOpen} requests wait for the tenant's plugins`);
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#open.delete(id);
        reject(failed(`it did not answer within ${limitMs / 1000} s`));
      }, limitMs);
      this.#open.set(id, { resolve, reject, timer });
      send(id);
    });
  }

  answer({ id, status, body }: PluginAnswer & { readonly id: number }): void {
    const waiting = this.#open.get(id);
    if (!waiting) return;
    this.#open.delete(id);
    clearTimeout(waiting.timer);
    waiting.resolve({ status, ...(body === undefined ? {} : { body }) });
  }

  failAll(reason: string): void {
    for (const { reject, timer } of this.#open.values()) {
      clearTimeout(timer);
      reject(failed(reason));
    }
    this.#open.clear();
  }
}

const failed = (reason: string): VswitchError => new VswitchError('PLUGIN_FAILED', `the plugin gave no answer: ${reason}`);
