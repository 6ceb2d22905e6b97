/** What has to be undone, in reverse order. Each step is done once, and a step that fails does not keep the others from being done. */
export class Teardown {
  readonly #steps: { readonly name: string; readonly undo: () => unknown }[] = [];
  readonly #failed: (name: string, error: unknown) => void;
  #running: Promise<void> | undefined;

  constructor(failed: (name: string, error: unknown) => void) {
    this.#failed = failed;
  }

  add(name: string, undo: () => unknown): void {
    this.#steps.push({ name, undo });
  }

  /** Does `work` at an interval, never twice at once, until it is undone. */
  every(intervalMs: number, work: () => Promise<unknown>): void {
    let running: Promise<unknown> | undefined;
    const timer = setInterval(() => {
      running ??= work().finally(() => (running = undefined));
    }, intervalMs);
    this.add('timer', async () => {
      clearInterval(timer);
      await running;
    });
  }

  /** Idempotent: who calls it again waits for the same end. */
  run(): Promise<void> {
    return (this.#running ??= this.#run());
  }

  async #run(): Promise<void> {
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      try {
        await step.undo();
      } catch (error) {
        this.#failed(step.name, error);
      }
    }
  }
}
