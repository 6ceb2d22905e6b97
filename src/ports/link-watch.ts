export interface LinkWatchDeps {
  /** Whether there is anybody whose packets depend on links. */
  isNeeded(): boolean;
  /** Looks at the links. */
  look(): Promise<unknown>;
  /** Calls back once. Returns how to call it off. */
  after(ms: number, work: () => void): () => void;
  onError(error: unknown): void;
}

/** A group's packets go to a bucket whose link is gone for no longer than this. */
const intervalMs = 50;

/** Looks at links often while groups may watch them, and sleeps otherwise. */
export class LinkWatch {
  readonly #deps: LinkWatchDeps;
  #cancel: (() => void) | undefined;
  #looking: Promise<void> | undefined;
  #stopped = false;

  constructor(deps: LinkWatchDeps) {
    this.#deps = deps;
  }

  /** The flows changed: there may be groups now. */
  wake(): void {
    if (this.#stopped || this.#looking || this.#cancel || !this.#deps.isNeeded()) return;
    this.#cancel = this.#deps.after(intervalMs, () => {
      this.#cancel = undefined;
      this.#looking = this.#look();
    });
  }

  /** Resolves when it does not look any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await this.#looking;
  }

  async #look(): Promise<void> {
    try {
      await this.#deps.look();
    } catch (error) {
      this.#deps.onError(error);
    }
    this.#looking = undefined;
    this.wake();
  }
}
