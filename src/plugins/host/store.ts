import type { Json, PluginStore } from '../sdk/context.js';
import { PluginError } from '../sdk/errors.js';

export const maxStoreBytes = 1024 * 1024;
export const maxStoreKeys = 4096;

/** Values in memory, and on the disk as one text. Changes that come while one is written are written together. */
export class Store implements PluginStore {
  readonly #values: Map<string, string>;
  readonly #save: (text: string) => Promise<void>;
  #bytes = 0;
  #saving: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  /** @param text as it was saved; empty for none. @throws SyntaxError */
  constructor(text: string, save: (text: string) => Promise<void>) {
    const entries = text === '' ? {} : (JSON.parse(text) as Record<string, Json>);
    this.#values = new Map(Object.entries(entries).map(([key, value]) => [key, JSON.stringify(value)]));
    for (const [key, value] of this.#values) this.#bytes += key.length + value.length;
    this.#save = save;
  }

  get(key: string): Json | undefined {
    const text = this.#values.get(key);
    return text === undefined ? undefined : (JSON.parse(text) as Json);
  }

  keys(): readonly string[] {
    return [...this.#values.keys()];
  }

  async set(key: string, value: Json): Promise<void> {
    const text = JSON.stringify(value);
    const before = this.#values.get(key);
    const bytes = this.#bytes + text.length - (before === undefined ? -key.length : before.length);
    if (bytes > maxStoreBytes || (before === undefined && this.#values.size >= maxStoreKeys))
      throw new PluginError('STORE_FULL', `a store holds ${maxStoreBytes} bytes and ${maxStoreKeys} keys`);
    this.#values.set(key, text);
    this.#bytes = bytes;
    await this.flush();
  }

  async delete(key: string): Promise<void> {
    const before = this.#values.get(key);
    if (before === undefined) return;
    this.#values.delete(key);
    this.#bytes -= key.length + before.length;
    await this.flush();
  }

  /** Resolves when all that was changed is on the disk. */
  flush(): Promise<void> {
    if (!this.#saving) return this.#start();
    return (this.#next ??= this.#saving.then(
      () => this.#start(),
      () => this.#start(),
    ));
  }

  #start(): Promise<void> {
    this.#next = undefined;
    const text = `{${Array.from(this.#values, ([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`;
    const saving = this.#save(text).finally(() => {
      if (this.#saving === saving) this.#saving = undefined;
    });
    this.#saving = saving;
    return saving;
  }
}
